import { gateFeature, photonFeature, reciprocal } from '../lifetime/integer-arithmetic.js';
import { fixedPoint } from '../protocol/fixed-point.js';

const ONE = 2 ** fixedPoint.inputFractionBits;

/**
 * What the network sees of a pixel (docs/fixed-point.md §1, every rounding included), as real numbers: writes the
 * input of every gate to `x` and returns the photon feature.
 *
 * @param photons sum of `counts`; 1 to 2^20
 */
export function networkInputs(
  counts: Uint32Array,
  photons: number,
  photonFeatureRange: readonly [number, number],
  x: Float32Array,
): number {
  const share = reciprocal(photons);
  for (let gate = 0; gate < counts.length; gate++) x[gate] = gateFeature(counts[gate]!, share) / ONE;
  return photonFeature(photons, photonFeatureRange) / ONE;
}
