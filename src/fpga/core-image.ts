import type { GatePlan } from '../lifetime/gate-plan.js';
import type { IntegerNetwork } from '../lifetime/integer-network.js';
import { FlimdError } from '../protocol/errors.js';
import { binGates, type CoreShape, coreTables, NO_GATE } from './core-tables.js';

/** "FLMI" in the bytes of the first word. */
export const IMAGE_MAGIC = 0x494d_4c46;
/** The arithmetic of docs/fixed-point.md that the core computes. */
export const ARITHMETIC = 2;
/** Units of the cores with run-time weights, each with as many in encoder and head. */
export const CORE_SIZES = [16, 32, 64] as const;
/** The memory of the core that takes the image: 32 KiB. */
export const MAX_IMAGE_WORDS = 8192;

/** What the AXI-Stream core with run-time weights is synthesized for: hls/vendor/loadable_size.h. */
export const SHIPPED_CORE = { hidden: 32, head: 32, gates: 64, bins: 256 } as const;

/** The smallest core with run-time weights that holds a network. */
export function fittingCore({ hidden, head }: CoreShape): CoreShape {
  // No network is larger than the largest core: checkNetwork() allows as many units.
  const units = CORE_SIZES.find((size) => size >= Math.max(hidden, head))!;
  return { hidden: units, head: units };
}

/**
 * What a core with run-time weights loads: 32-bit words, in the order of hls/core/loadable_model.h and the table in
 * hls/README.md. Words of 64 bit have their lower half first.
 * @throws FlimdError FLIMD_E_MODEL_FILE for a model that is larger than the core
 */
export function coreImage(
  network: IntegerNetwork,
  plan: GatePlan,
  hash: string,
  shape: CoreShape = fittingCore(network),
): Uint32Array {
  const { hidden, head } = network;
  if (hidden > shape.hidden || head > shape.head) {
    throw tooLarge(`${hidden} units, head ${head}`, `at most ${shape.hidden}, head ${shape.head}`);
  }
  const tables = coreTables(network, shape);
  const sections: ArrayLike<number>[] = [
    imageHeader(network, plan, hash, shape),
    ...[tables.updateWeights, tables.resetWeights, tables.newWeights].map(halves),
    ...[tables.inputWeights, tables.photonWeights, tables.shifts],
    ...[tables.updateBiases, tables.resetBiases, tables.newHiddenBiases, tables.newInputBiases],
    ...[halves(tables.headWeights), tables.headBiases, tables.headShifts],
    ...[tables.outputWeights, tables.outputBiases, tables.outputShifts],
    binPairs(plan),
  ];
  const words = sections.reduce((sum, section) => sum + section.length, 0);
  if (words > MAX_IMAGE_WORDS) throw tooLarge(`${words} words`, `at most ${MAX_IMAGE_WORDS} words`);
  const image = new Uint32Array(words);
  let at = 0;
  for (const section of sections) {
    image.set(Array.from(section), at);
    at += section.length;
  }
  return image;
}

function imageHeader(
  { gates, minPhotons, photonFeature, lifetimeRangePs }: IntegerNetwork,
  { bins }: GatePlan,
  hash: string,
  { hidden, head }: CoreShape,
): number[] {
  const shortHash = Buffer.from(hash, 'hex');
  return [
    ...[IMAGE_MAGIC, ARITHMETIC, pair(hidden, head), pair(gates, bins), minPhotons],
    ...[pair(...photonFeature), pair(...lifetimeRangePs)],
    ...[shortHash.readUInt32LE(0), shortHash.readUInt32LE(4)],
  ];
}

const pair = (low: number, high: number): number => ((low & 0xffff) | (high << 16)) >>> 0;

const halves = (words: readonly bigint[]): Uint32Array => new Uint32Array(BigUint64Array.from(words).buffer);

/** Gates of the bins, two in a word. */
function binPairs(plan: GatePlan): number[] {
  const gates = binGates(plan);
  return Array.from({ length: Math.ceil(gates.length / 2) }, (_, at) =>
    pair(gates[2 * at]!, gates[2 * at + 1] ?? NO_GATE),
  );
}

const tooLarge = (value: string, expected: string): FlimdError =>
  new FlimdError('FLIMD_E_MODEL_FILE', `the model does not fit the core: ${value}`, {
    value,
    expected,
    action: 'choose a smaller model, or a core with more units',
  });
