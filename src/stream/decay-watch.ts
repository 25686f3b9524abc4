import type { DecayMessage, DeconvolvedDecay } from '../protocol/stream.js';
import { type DeconvolutionBudget, SHARE_OF_TIME, LONGEST_SILENCE_MS } from './deconvolution-budget.js';

export type PixelRegion = Pick<DecayMessage, 'x' | 'y' | 'width' | 'height'>;

/** The deconvolved decay as messages carry it, without what it was summed from. */
export type DeconvolvedSum = Omit<DeconvolvedDecay, 'frames'>;

/** Deconvolves photons per detector bin; in words why not where it cannot. */
export type Deconvolver = (counts: Float64Array) => DeconvolvedSum | string;

export type Deconvolution = Pick<DecayMessage, 'deconvolved' | 'deconvolvedReason'>;

/** Between two deconvolutions for a client, ms. */
const INTERVAL_MS = 250;

const waiting: Deconvolution = { deconvolved: null, deconvolvedReason: 'it waits for its turn' };

/** For a series that has no decoder. */
export const noDeconvolution = (reason: string | null): Deconvolution => ({
  deconvolved: null,
  deconvolvedReason: reason ?? 'this series has no decoder',
});

/**
 * The region whose decay a client watches, and the sum of its decays since it began to: one frame alone has too few
 * photons for a deconvolution that says more than the prior.
 */
export class DecayWatch {
  #region: PixelRegion | null = null;
  #sum = new Float64Array(0);
  #frames = 0;
  #latest = waiting;
  /** Of the client, not of the region: asking again does not bring the next one forward. */
  #nextAt = 0;

  constructor(private readonly budget: DeconvolutionBudget) {}

  /** null while the client watches nothing. */
  get region(): PixelRegion | null {
    return this.#region;
  }

  /** Begins a new sum. */
  begin(region: PixelRegion | null): void {
    this.#region = region;
    this.#frames = 0;
    this.#latest = waiting;
  }

  /**
   * Adds the decay of a frame and returns the newest deconvolution, made anew where the last is old enough.
   *
   * @param watching clients that watch, each a region of its own
   */
  add(counts: Uint32Array, deconvolve: Deconvolver, watching: number): Deconvolution {
    if (this.#frames === 0) this.#sum = new Float64Array(counts.length);
    for (let bin = 0; bin < counts.length; bin++) this.#sum[bin]! += counts[bin]!;
    this.#frames++;
    const now = this.budget.clock();
    if (now < this.#nextAt) return this.#latest;
    const spentMs = this.budget.spend(() => (this.#latest = this.#deconvolved(deconvolve)));
    if (spentMs !== null) this.#nextAt = now + pauseMs(spentMs, watching);
    return this.#latest;
  }

  #deconvolved(deconvolve: Deconvolver): Deconvolution {
    const found = deconvolve(this.#sum);
    return typeof found === 'string'
      ? { deconvolved: null, deconvolvedReason: found }
      : { deconvolved: { ...found, frames: this.#frames }, deconvolvedReason: null };
  }
}

/** Long enough that every other client that watches has its turn before this one has another. */
const pauseMs = (spentMs: number, watching: number): number =>
  Math.max(INTERVAL_MS, Math.min(LONGEST_SILENCE_MS, (watching * spentMs) / SHARE_OF_TIME));
