import type { BinnedCounts } from './binned-counts.js';
import type { InstrumentState } from './instrument-model.js';

/** Where the search for an instrument may begin: read from the decay without a model. */
export interface FirstGuess {
  /** Half height of the rising edge, ps. */
  edgePs: number;
  /** From a fifth to four fifths of its height, ps. */
  risePs: number;
  /** Lowest level, counts per bin. */
  floor: number;
  photons: number;
}

export function firstGuess({ startPs, binWidthPs, counts }: BinnedCounts): FirstGuess {
  const even = smoothed(counts);
  let peak = 0;
  for (let bin = 1; bin < even.length; bin++) if (even[bin]! > even[peak]!) peak = bin;
  const floor = Math.min(...even);
  const crossing = (part: number): number => {
    const level = floor + part * (even[peak]! - floor);
    let bin = peak;
    while (bin > 0 && even[bin - 1]! >= level) bin--;
    return startPs + (bin + 0.5) * binWidthPs;
  };
  const total = counts.reduce((sum, count) => sum + count, 0);
  return {
    edgePs: crossing(0.5),
    risePs: Math.max(binWidthPs, crossing(0.8) - crossing(0.2)),
    floor,
    photons: Math.max(1, total - floor * counts.length),
  };
}

/** A pulse begins where the decay climbs above `high` of its range, after it has been below `low`. */
const PULSE = { low: 0.25, high: 0.5 };

/** How many times the light rises in the window. */
export function countPulses(counts: Float64Array): number {
  const even = smoothed(counts);
  const floor = even.reduce((least, level) => Math.min(least, level), Infinity);
  const range = even.reduce((most, level) => Math.max(most, level), 0) - floor;
  let pulses = 0;
  let below = true;
  for (const level of even) {
    if (below && level > floor + PULSE.high * range) pulses++;
    if (level > floor + PULSE.high * range) below = false;
    if (level < floor + PULSE.low * range) below = true;
  }
  return pulses;
}

/** Mean of a bin and its neighbours: dim decays have no plain peak. */
function smoothed(counts: Float64Array): Float64Array {
  return counts.map((_, bin) => {
    const near = counts.subarray(Math.max(0, bin - 1), bin + 2);
    return near.reduce((sum, count) => sum + count, 0) / near.length;
  });
}

/** Widths beside the rise of the edge, and lifetimes as parts of the period, from which fits are begun. */
const WIDTHS_PER_RISE = [0.6, 1.5, 3];
const TAUS_PER_PERIOD = [0.03, 0.1, 0.25];

/** Mono-exponential starts that between them reach the best fit; `periodsPs` are tried each. */
export function monoStarts(guess: FirstGuess, periodsPs: readonly number[]): InstrumentState[] {
  return periodsPs.flatMap((laserPeriodPs) =>
    WIDTHS_PER_RISE.flatMap((widths) =>
      TAUS_PER_PERIOD.map((taus) => ({
        centerPs: guess.edgePs,
        widthPs: widths * guess.risePs,
        photons: guess.photons,
        backgroundPerBin: guess.floor / 2,
        tausPs: [taus * laserPeriodPs],
        fraction: 1,
        laserPeriodPs,
      })),
    ),
  );
}

/** [short, long] beside the lifetime of the mono-exponential fit, and the part of the photons with the short one. */
const SPLITS = [
  { short: 0.35, long: 1.3, fraction: 0.3 },
  { short: 0.7, long: 1.8, fraction: 0.6 },
  { short: 0.1, long: 1.05, fraction: 0.1 },
];

export function biStarts(mono: InstrumentState, periodsPs: readonly number[]): InstrumentState[] {
  return [...new Set([mono.laserPeriodPs, ...periodsPs])].flatMap((laserPeriodPs) =>
    SPLITS.map(({ short, long, fraction }) => ({
      ...mono,
      tausPs: [short * mono.tausPs[0]!, long * mono.tausPs[0]!],
      fraction,
      laserPeriodPs,
    })),
  );
}
