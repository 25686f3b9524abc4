import type { MeanLifetimes } from '../training/decays.js';

/** Mean lifetimes from the photons of a pixel in each gate; null where there is no estimate. */
export type LifetimeEstimator = (counts: Uint32Array) => MeanLifetimes | null;

/** An estimator of the literature, made for one instrument. */
export interface ClassicalEstimator {
  /** Short and stable, for tables and files. */
  name: string;
  title: string;
  /** Who described it. */
  source: string;
  estimate: LifetimeEstimator;
}

/** Photons of a pixel. */
export function photonsOf(counts: Uint32Array): number {
  let photons = 0;
  for (let gate = 0; gate < counts.length; gate++) photons += counts[gate]!;
  return photons;
}

/** Photons of one gate alone, or none at all, have no shape that a lifetime could be read from. */
export function hasShape(counts: Uint32Array): boolean {
  let lit = 0;
  for (let gate = 0; gate < counts.length && lit < 2; gate++) if (counts[gate]! > 0) lit++;
  return lit === 2;
}

/** A method that knows one lifetime only gives it for both means. */
export function singleLifetime(tauPs: number): MeanLifetimes {
  return { tauAmplitudePs: tauPs, tauIntensityPs: tauPs };
}

/** Mean lifetimes of two components; `photons1` is the part of all light that the first gives. */
export function meansOf(tau1Ps: number, tau2Ps: number, photons1: number): MeanLifetimes {
  return {
    tauAmplitudePs: 1 / (photons1 / tau1Ps + (1 - photons1) / tau2Ps),
    tauIntensityPs: photons1 * tau1Ps + (1 - photons1) * tau2Ps,
  };
}
