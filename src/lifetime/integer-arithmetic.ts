import { fixedPoint } from '../protocol/fixed-point.js';

/** The operations of docs/fixed-point.md, one by one. Arguments and results are whole numbers. */

export const sat16 = (v: number): number => Math.max(-32768, Math.min(32767, v));
export const sat8 = (v: number): number => Math.max(-128, Math.min(127, v));

/** Division of an accumulator by 2^shift, shift ≥ 1, rounding half up. */
export const roundShift = (accumulator: number, shift: number): number =>
  (accumulator + (1 << (shift - 1))) >> shift;

/** Product of two Q15 numbers in Q15, rounded. */
export const mulhrs = (a: number, b: number): number => (Math.imul(a, b) + 0x4000) >> 15;

/** Q12 → Q15: x·(1 − |x|/4) for |x| < 2, else ±1. */
export function tanh(p: number): number {
  const a = Math.min(Math.abs(p), fixedPoint.tanhLimit);
  const b = 32767 - 4 * a;
  const y = fixedPoint.activationOne - mulhrs(b, b);
  return p >= 0 ? y : -y;
}

/** Q12 → Q15: ½ + ½·tanh(x/2) with the tanh above. */
export function sigmoid(p: number): number {
  const a = Math.min(Math.abs(p), fixedPoint.sigmoidLimit);
  const b = 32767 - 2 * a;
  const y = (fixedPoint.activationOne - mulhrs(b, b)) >> 1;
  return p >= 0 ? 16384 + y : 16384 - y;
}

/** Q15 → Q7, rounded: the state as the int8 operand of a dot product. */
export const stateOperand = (h: number): number => sat8(sat16(h + 128) >> 8);

/** floor(2^31 / N). */
export const reciprocal = (photons: number): number => Math.floor(2 ** fixedPoint.reciprocalBits / photons);

/**
 * Square root of the share of a gate in the photons of its pixel, Q7 with 1.0 worth 8. Double precision is exact
 * here: count × reciprocal ≤ 2^31, and the root of a number below 2^52 rounds up to no whole number.
 */
export function gateFeature(count: number, photonReciprocal: number): number {
  const share = (count * photonReciprocal) >>> fixedPoint.fractionShift;
  return Math.floor(Math.sqrt(share));
}

/** log2(N / 1024) in Q7 with a linearly interpolated mantissa, clamped to the trained range. */
export function photonFeature(photons: number, [low, high]: readonly [number, number]): number {
  const one = 1 << fixedPoint.inputFractionBits;
  const exponent = 31 - Math.clz32(photons);
  const mantissa = ((photons << fixedPoint.inputFractionBits) >> exponent) - one;
  const feature = one * exponent + mantissa - one * fixedPoint.photonFeatureCentre;
  return Math.max(low, Math.min(high, feature));
}
