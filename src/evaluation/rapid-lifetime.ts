import { hasShape, type LifetimeEstimator, photonsOf, singleLifetime } from './estimator.js';
import type { Instrument } from './instrument.js';
import { LifetimeScale } from './lifetime-scale.js';

/** Lifetimes over which the windows are chosen, and the step of the derivative there. */
const LIFETIMES = 20;
const STEP = 1e-3;
/** Photons of the pixels the windows are chosen for: with many, what is not known of the background weighs more. */
const TYPICAL_PHOTONS = 500;

/** Two windows side by side, in gates: [0, split) and [split, end) after the pulse. */
interface Windows {
  split: number;
  end: number;
}

/**
 * Rapid lifetime determination: the photons of a late window against those of an early one. The windows are those
 * that tell the lifetimes of the prior best, as in the optimized scheme of Chan et al. (2001).
 */
export function rapidLifetime(instrument: Instrument): LifetimeEstimator {
  const order = gatesAfterPulse(instrument);
  const windows = bestWindows(instrument, order);
  const width = cumulative(instrument.widthShares, order);
  const ofDecay = (tauPs: number): number =>
    latePart(cumulative(instrument.lightInGates(tauPs), order), windows);
  const scale = new LifetimeScale('late part of the light', instrument.tauPs, ofDecay);
  return (counts) => {
    if (!hasShape(counts)) return null;
    const photons = photonsOf(counts);
    const background = photons * instrument.meanBackground(photons);
    const light = cumulative(counts, order).map((count, gate) => count - background * width[gate]!);
    return light[windows.end]! > 0 ? singleLifetime(scale.tauPs(latePart(light, windows))) : null;
  };
}

function gatesAfterPulse({ sincePulsePs }: Instrument): number[] {
  return [...sincePulsePs.keys()].sort((a, b) => sincePulsePs[a]! - sincePulsePs[b]!);
}

/** Sums over the first 0, 1, … gates of an order. */
function cumulative(gates: ArrayLike<number>, order: number[]): Float64Array {
  const sums = new Float64Array(order.length + 1);
  order.forEach((gate, at) => (sums[at + 1] = sums[at]! + gates[gate]!));
  return sums;
}

function latePart(sums: Float64Array, { split, end }: Windows): number {
  return (sums[end]! - sums[split]!) / sums[end]!;
}

function bestWindows(instrument: Instrument, order: number[]): Windows {
  const [low, high] = instrument.tauPs;
  const decays = Array.from({ length: LIFETIMES }, (_, k) => {
    const tauPs = low + ((high - low) * (k + 0.5)) / LIFETIMES;
    const [at, above, below] = [1, 1 + STEP, 1 - STEP].map((factor) =>
      cumulative(instrument.lightInGates(factor * tauPs), order),
    );
    return { tauPs, at: at!, above: above!, below: below! };
  });
  const width = cumulative(instrument.widthShares, order);
  const [least, most] = instrument.backgroundRange(TYPICAL_PHOTONS);
  const backgroundVariance = (most - least) ** 2 / 12;
  const errorOf = (windows: Windows): number =>
    decays.reduce((sum, { tauPs, at, above, below }) => {
      const part = latePart(at, windows);
      const slope = (latePart(above, windows) - latePart(below, windows)) / (2 * STEP * tauPs);
      const seen = at[windows.end]! / at[order.length]!;
      const shift = (width[windows.end]! / seen) * (latePart(width, windows) - part);
      const variance = (part * (1 - part)) / (TYPICAL_PHOTONS * seen) + shift ** 2 * backgroundVariance;
      return sum + variance / slope ** 2;
    }, 0);
  let best: Windows = { split: 1, end: order.length };
  for (let end = 2; end <= order.length; end++) {
    for (let split = 1; split < end; split++) {
      if (errorOf({ split, end }) < errorOf(best)) best = { split, end };
    }
  }
  return best;
}
