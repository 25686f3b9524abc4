import { fixedPoint } from '../protocol/fixed-point.js';
import { mulhrs, roundShift, sat16, sigmoid, stateOperand, tanh } from './integer-arithmetic.js';
import type { DecoderWeights } from './integer-decoder.js';
import type { IntegerNetwork } from './integer-network.js';
import { dot, encode } from './reference.js';

/** Rows of biases and shifts: z, r, nh, nx; of the recurrent weights: z, r, nh; of the context weights: z, r, nx. */
const KINDS = 4;

/** What every accumulator begins with in every step: its bias and the context, which is always the same. */
function startSums({ biases, contextWeights }: DecoderWeights, context: Int16Array): Int32Array {
  const units = context.length;
  const operand = context.map(stateOperand);
  const sums = Int32Array.from(biases);
  for (let unit = 0; unit < units; unit++) {
    sums[unit]! += dot(contextWeights, unit, operand);
    sums[units + unit]! += dot(contextWeights, units + unit, operand);
    sums[(KINDS - 1) * units + unit]! += dot(contextWeights, 2 * units + unit, operand);
  }
  return sums;
}

/** One step (docs/fixed-point.md §7): overwrites `state`, int16 Q15. */
function stepDecoder(decoder: DecoderWeights, sums: Int32Array, state: Int16Array): void {
  const { recurrentWeights, shifts } = decoder;
  const units = state.length;
  const operand = state.map(stateOperand);
  const scaled = (row: number, accumulator: number) =>
    sat16(roundShift(sums[row]! + accumulator, shifts[row]!));
  for (let unit = 0; unit < units; unit++) {
    const [zRow, rRow, nhRow, nxRow] = [unit, units + unit, 2 * units + unit, 3 * units + unit];
    const z = sigmoid(scaled(zRow, dot(recurrentWeights, zRow, operand)));
    const r = sigmoid(scaled(rRow, dot(recurrentWeights, rRow, operand)));
    const newHidden = scaled(nhRow, dot(recurrentWeights, nhRow, operand));
    const n = tanh(sat16(scaled(nxRow, 0) + mulhrs(r, newHidden)));
    state[unit] = sat16(mulhrs(z, state[unit]!) + mulhrs(32767 - z, n));
  }
}

/** The decoder's states after each of `steps` steps, `[steps][H]`, from the encoder's last state. */
export function decoderStates(decoder: DecoderWeights, context: Int16Array, steps: number): Int16Array[] {
  const sums = startSums(decoder, context);
  const state = new Int16Array(context.length);
  return Array.from({ length: steps }, () => {
    stepDecoder(decoder, sums, state);
    return state.slice();
  });
}

/** The decay at one step, `decayOne` = its start at time zero. */
export function readDecay(decoder: DecoderWeights, state: Int16Array): number {
  const accumulator = decoder.readoutBias[0]! + dot(decoder.readoutWeights, 0, state);
  return Math.max(0, Math.min(0xffff, roundShift(accumulator, decoder.readoutShift[0]!)));
}

/**
 * The deconvolved decay of a pixel, as its mean over each of `gates` equal steps from the pulse on, `decayOne` = its
 * start at time zero; null where it has too few photons, or too many.
 */
export function decodeDecay(
  network: IntegerNetwork,
  decoder: DecoderWeights,
  counts: Uint32Array,
): Uint16Array | null {
  const photons = counts.reduce((sum, count) => sum + count, 0);
  if (photons < network.minPhotons || photons > fixedPoint.maxPhotons) return null;
  const states = decoderStates(decoder, encode(network, counts, photons), network.gates);
  return Uint16Array.from(states, (state) => readDecay(decoder, state));
}
