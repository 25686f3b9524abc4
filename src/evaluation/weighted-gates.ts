import type { DecayMixture } from './decay-mixture.js';

/** Of the parameters, in their order; equal where one is known. */
export interface FitBounds {
  low: number[];
  high: number[];
}

/** Expected photons of a gate below which its weight grows no further. */
const LEAST_EXPECTED = 0.01;

/**
 * A pixel as Levenberg–Marquardt wants it: counts, expectations and derivatives in units of the photon noise that
 * the starting parameters expect. The weights are in here and not given to the library: version 5.1 uses other ones
 * for the curvature (ml-matrix 6.15 multiplies where it used to divide) and then converges slowly.
 */
export class WeightedGates {
  readonly numbers: number[];
  readonly measured: Float64Array;
  /** Photons of the pixel over the noise of each gate: turns shares into expectations. */
  private readonly scale: Float64Array;
  /** [gate][parameter], as the library reads them. */
  private readonly partials: number[][];

  constructor(
    private readonly mixture: DecayMixture,
    counts: Uint32Array,
    photons: number,
    start: number[],
    private readonly bounds: FitBounds,
  ) {
    mixture.evaluate(start);
    this.numbers = Array.from(counts.keys());
    this.scale = mixture.shares.map(
      (share) => photons / Math.sqrt(Math.max(photons * share, LEAST_EXPECTED)),
    );
    this.measured = this.scale.map((scale, gate) => (scale * counts[gate]!) / photons);
    this.partials = this.numbers.map(() => new Array<number>(start.length));
  }

  expected(parameters: number[]): (gate: number) => number {
    this.mixture.evaluate(parameters);
    return (gate) => this.scale[gate]! * this.mixture.shares[gate]!;
  }

  slopes(parameters: number[]): (gate: number) => number[] {
    this.mixture.evaluate(parameters);
    parameters.forEach((value, k) => {
      const pull = this.fillPartials(k);
      // A parameter that is drawn across its bound stays there, and the others are fitted without it.
      const atLow = value <= this.bounds.low[k]! && pull < 0;
      const atHigh = value >= this.bounds.high[k]! && pull > 0;
      if (atLow || atHigh) for (const partials of this.partials) partials[k] = 0;
    });
    return (gate) => this.partials[gate]!;
  }

  /** Returns where the residuals draw the parameter. */
  private fillPartials(k: number): number {
    const { scale, measured, partials } = this;
    const { shares, slopes } = this.mixture;
    let pull = 0;
    for (let gate = 0; gate < scale.length; gate++) {
      const partial = scale[gate]! * slopes[k]![gate]!;
      partials[gate]![k] = partial;
      pull += partial * (measured[gate]! - scale[gate]! * shares[gate]!);
    }
    return pull;
  }
}
