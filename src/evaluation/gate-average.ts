import { photonsOf } from './estimator.js';
import type { Instrument } from './instrument.js';

/**
 * The mean, over photons, of a value given to each gate: the arrival time, "late or not", a cosine. The background
 * that a prior expects is subtracted from that of a pixel.
 */
export class GateAverage {
  private readonly ofBackground: number;

  constructor(
    private readonly instrument: Instrument,
    private readonly values: Float64Array,
  ) {
    this.ofBackground = mean(values, instrument.widthShares);
  }

  ofDecay(tauPs: number): number {
    return mean(this.values, this.instrument.lightInGates(tauPs));
  }

  ofPixel(counts: Uint32Array): number {
    const background = this.instrument.meanBackground(photonsOf(counts));
    return (mean(this.values, counts) - background * this.ofBackground) / (1 - background);
  }
}

function mean(values: Float64Array, weights: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let gate = 0; gate < values.length; gate++) {
    sum += weights[gate]! * values[gate]!;
    total += weights[gate]!;
  }
  return sum / total;
}
