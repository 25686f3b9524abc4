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
  const error = new WindowError(instrument, order);
  const decays = Array.from({ length: LIFETIMES }, (_, k) => {
    const tauPs = low + ((high - low) * (k + 0.5)) / LIFETIMES;
    const [at, above, below] = [1, 1 + STEP, 1 - STEP].map((factor) => {
      const light = cumulative(instrument.lightInGates(factor * tauPs), order);
      return light.map((part) => part / light[order.length]!);
    });
    return { tauPs, at: at!, above: above!, below: below! };
  });
  const errorOf = (windows: Windows): number =>
    decays.reduce((sum, { tauPs, at, above, below }) => {
      const slope = (latePart(above, windows) - latePart(below, windows)) / (2 * STEP * tauPs);
      return sum + error.variance(at, windows) / slope ** 2;
    }, 0);
  let best: Windows = { split: 1, end: order.length };
  let least = errorOf(best);
  for (let end = 2; end <= order.length; end++) {
    for (let split = 1; split < end; split++) {
      const found = errorOf({ split, end });
      if (found < least) [best, least] = [{ split, end }, found];
    }
  }
  return best;
}

/** What the late part of the light is uncertain by, for the background a prior expects. */
class WindowError {
  private readonly background: number;
  private readonly backgroundVariance: number;
  private readonly width: Float64Array;

  constructor(instrument: Instrument, order: number[]) {
    const [least, most] = instrument.backgroundRange(TYPICAL_PHOTONS);
    this.background = instrument.meanBackground(TYPICAL_PHOTONS);
    this.backgroundVariance = (most - least) ** 2 / 12;
    this.width = cumulative(instrument.widthShares, order);
  }

  /** By error propagation from the photons of both windows and from the background. `light` has the sum 1. */
  variance(light: Float64Array, windows: Windows): number {
    const { background, width } = this;
    const { split, end } = windows;
    const part = latePart(light, windows);
    const seen = (1 - background) * light[end]!;
    const early = (1 - background) * light[split]! + background * width[split]!;
    const late = seen + background * width[end]! - early;
    const photonNoise = ((1 - part) ** 2 * late + part ** 2 * early) / TYPICAL_PHOTONS;
    const shift = width[end]! * (latePart(width, windows) - part);
    return (photonNoise + shift ** 2 * this.backgroundVariance) / seen ** 2;
  }
}
