import { fixedPoint } from '../protocol/fixed-point.js';
import { FlimdError } from '../protocol/errors.js';

/** The two mean lifetimes. Two different numbers: see "Units in names" in ARCHITECTURE.md. */
export const lifetimeOutputs = ['meanLifetimeAmplitude', 'meanLifetimeIntensity'] as const;
export type LifetimeOutput = (typeof lifetimeOutputs)[number];

/** Outputs of the network in weight order: the lifetimes, and the standard error of each. */
export const networkOutputs = [
  ...lifetimeOutputs,
  'standardErrorAmplitude',
  'standardErrorIntensity',
] as const;

export interface NetworkShape {
  /** Time steps. */
  gates: number;
  /** H, units of the recurrent encoder. */
  hidden: number;
  /** D, units of the head's hidden layer. */
  head: number;
}

/**
 * The integer Seq2SeqLite network, as docs/fixed-point.md specifies it. Matrices are row-major `[unit][input]`;
 * rows of the encoder are grouped by kind: z (update), r (reset), nh (new, hidden part), nx (new, input part).
 */
export interface IntegerNetwork extends NetworkShape {
  /** Pixels with fewer photons than this are invalid. */
  minPhotons: number;
  /** uMin and uMax, the trained range of the photon feature, Q7. */
  photonFeature: readonly [number, number];
  /** Lifetimes outside this range, ps, are invalid. */
  lifetimeRangePs: readonly [number, number];
  /** Wh of z, r, nh: `[3][H][H]`. */
  recurrentWeights: Int8Array;
  /** Wx of z, r, nx: `[3][H]`. */
  inputWeights: Int8Array;
  /** Wu of z, r, nx: `[3][H]`. */
  photonWeights: Int8Array;
  /** W1: `[D][H]`. */
  headWeights: Int8Array;
  /** W2: `[O][D]`. */
  outputWeights: Int8Array;
  /** Shifts of z, r, nh, nx: `[4][H]`. */
  shifts: Uint8Array;
  headShifts: Uint8Array;
  outputShifts: Uint8Array;
  /** Biases of z, r, nh, nx: `[4][H]`. */
  biases: Int32Array;
  headBiases: Int32Array;
  outputBiases: Int32Array;
}

export type NetworkWeights = Pick<IntegerNetwork, (typeof weightParts)[number]['name']>;

/** The parts of `weights.bin` in file order (docs/fixed-point.md §6) with the largest value of each. */
const weightParts = [
  part('recurrentWeights', Int8Array, fixedPoint.weightLimit, ({ hidden }) => 3 * hidden * hidden),
  part('inputWeights', Int8Array, fixedPoint.weightLimit, ({ hidden }) => 3 * hidden),
  part('photonWeights', Int8Array, fixedPoint.weightLimit, ({ hidden }) => 3 * hidden),
  part('headWeights', Int8Array, fixedPoint.weightLimit, ({ hidden, head }) => head * hidden),
  part('outputWeights', Int8Array, fixedPoint.weightLimit, ({ head }) => networkOutputs.length * head),
  part('shifts', Uint8Array, fixedPoint.maxShift, ({ hidden }) => 4 * hidden),
  part('headShifts', Uint8Array, fixedPoint.maxShift, ({ head }) => head),
  part('outputShifts', Uint8Array, fixedPoint.maxShift, () => networkOutputs.length),
  part('biases', Int32Array, fixedPoint.biasLimit - 1, ({ hidden }) => 4 * hidden),
  part('headBiases', Int32Array, fixedPoint.headBiasLimit - 1, ({ head }) => head),
  part('outputBiases', Int32Array, fixedPoint.headBiasLimit - 1, () => networkOutputs.length),
] as const;

type WeightArray = Int8Array | Uint8Array | Int32Array;

function part<Name extends keyof IntegerNetwork, Elements extends WeightArray>(
  name: Name,
  type: { new (length: number): Elements; BYTES_PER_ELEMENT: number },
  limit: number,
  length: (shape: NetworkShape) => number,
) {
  return { name, type, limit, length };
}

/** Size of `weights.bin`. */
export function weightBytes(shape: NetworkShape): number {
  return weightParts.reduce((sum, { type, length }) => sum + type.BYTES_PER_ELEMENT * length(shape), 0);
}

/** The content of `weights.bin`. */
export function serializeWeights(network: IntegerNetwork): Uint8Array {
  const bytes = new Uint8Array(weightBytes(network));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { name, type } of weightParts) {
    for (const value of network[name]) {
      if (type.BYTES_PER_ELEMENT === 4) view.setInt32(at, value, true);
      else view.setUint8(at, value);
      at += type.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/** The typed arrays in `weights.bin`, not yet checked; throws FLIMD_E_MODEL_FILE where the size is wrong. */
export function parseWeights(bytes: Uint8Array, shape: NetworkShape): NetworkWeights {
  const expected = weightBytes(shape);
  if (bytes.length !== expected) throw damaged('weights file size', bytes.length, `${expected} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const weights: Partial<Record<string, WeightArray>> = {};
  let at = 0;
  for (const { name, type, length } of weightParts) {
    const values = new type(length(shape));
    for (let i = 0; i < values.length; i++, at += type.BYTES_PER_ELEMENT) {
      values[i] = type.BYTES_PER_ELEMENT === 4 ? view.getInt32(at, true) : view.getUint8(at);
    }
    weights[name] = values;
  }
  return weights as NetworkWeights;
}

/**
 * Checks every bound of docs/fixed-point.md on which the arithmetic of the kernels rests; throws
 * FLIMD_E_MODEL_FILE with the first value that breaks one.
 */
export function checkNetwork(network: IntegerNetwork): void {
  const { gates, hidden, head, photonFeature, lifetimeRangePs } = network;
  checkInteger('gates', gates, 1, fixedPoint.maxGates);
  checkInteger('hidden', hidden, fixedPoint.unitGranule, fixedPoint.maxUnits);
  if (hidden % fixedPoint.unitGranule !== 0) {
    throw damaged('hidden', hidden, `a multiple of ${fixedPoint.unitGranule}`);
  }
  checkInteger('head', head, 1, fixedPoint.maxUnits);
  checkInteger('minPhotons', network.minPhotons, 1, fixedPoint.maxPhotons);
  checkRange('photonFeature', photonFeature, -fixedPoint.photonFeatureLimit, fixedPoint.photonFeatureLimit);
  checkRange('lifetimeRangePs', lifetimeRangePs, 1, 0xffff);
  for (const { name, type, limit, length } of weightParts) {
    const values = network[name];
    if (values.length !== length(network)) {
      throw damaged(`${name} length`, values.length, String(length(network)));
    }
    const low = type === Uint8Array ? 1 : -limit;
    for (let i = 0; i < values.length; i++) checkInteger(`${name}[${i}]`, values[i]!, low, limit);
  }
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw damaged(name, value, `an integer from ${low} to ${high}`);
  }
}

function checkRange(name: string, [first, last]: readonly [number, number], low: number, high: number): void {
  checkInteger(`${name}[0]`, first, low, high);
  checkInteger(`${name}[1]`, last, first, high);
}

function damaged(name: string, value: unknown, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_MODEL_FILE', `the network's ${name} is ${value}, expected ${expected}`, {
    value,
    expected,
    action: 'train or export the model package again',
  });
}
