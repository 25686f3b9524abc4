import type { DecayPrior } from '../training/decays.js';
import { Instrument } from './instrument.js';

/** Relative step of the derivative by the lifetime. */
const STEP = 1e-4;

/**
 * The Cramér–Rao bound of a mono-exponential lifetime with unknown amplitude, as F = σ_τ / τ · √N; N are all photons
 * in the gates, those of the background among them.
 *
 * Of Poisson gates with expectations m the Fisher information is Σ (∂m/∂θ)² / m. What is left for τ is the part of
 * its signature that the unknown others cannot imitate: the remainder after projection on theirs.
 *
 * @param background its part of the photons
 */
export function cramerRaoF(
  prior: DecayPrior,
  tauPs: number,
  background: number,
  backgroundKnown: boolean,
): number {
  const instrument = new Instrument(prior);
  const shape = (tau: number): Float64Array => instrument.lightInGates(tau);
  const light = shape(tauPs);
  const [above, below] = [shape(tauPs * (1 + STEP)), shape(tauPs * (1 - STEP))];
  const seen = light.reduce((sum, part) => sum + part);
  const scale = (1 - background) / seen;
  const expected = light.map((part, gate) => scale * part + background * instrument.widthShares[gate]!);
  // Derivatives for one photon: by log τ at constant amplitude, by the amplitude, by the background's photons.
  const byLogTau = above.map((part, gate) => (scale * (part - below[gate]!)) / (2 * STEP));
  const unknown = backgroundKnown ? [light] : [light, instrument.widthShares];
  return 1 / Math.sqrt(informationLeft(byLogTau, unknown, expected));
}

/** Gram–Schmidt in the metric 1 / expected. */
function informationLeft(signature: Float64Array, others: Float64Array[], expected: Float64Array): number {
  const product = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, gate) => sum + (value * b[gate]!) / expected[gate]!, 0);
  const without = (vector: Float64Array, direction: Float64Array): Float64Array => {
    const part = product(vector, direction) / product(direction, direction);
    return vector.map((value, gate) => value - part * direction[gate]!);
  };
  const directions: Float64Array[] = [];
  for (const other of others) directions.push(directions.reduce(without, other));
  const left = directions.reduce(without, signature);
  return product(left, left);
}
