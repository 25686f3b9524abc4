import type { DecayMessage, DeconvolvedDecay } from '../protocol/stream.js';

export type PixelRegion = Pick<DecayMessage, 'x' | 'y' | 'width' | 'height'>;

/** The deconvolved decay as messages carry it, without what it was summed from. */
export type DeconvolvedSum = Omit<DeconvolvedDecay, 'frames'>;

/** Deconvolves photons per detector bin; in words why not where it cannot. */
export type Deconvolver = (counts: Float64Array) => DeconvolvedSum | string;

type Deconvolution = Pick<DecayMessage, 'deconvolved' | 'deconvolvedReason'>;

/** Between two deconvolutions for a client, ms… */
const INTERVAL_MS = 250;
/** …and the most of the processor's time for those of all clients: frames come first. */
const SHARE_OF_TIME = 0.05;

/** For a series that has no decoder. */
export const noDeconvolution =
  (reason: string | null): Deconvolver =>
  () =>
    reason ?? 'this series has no decoder';

/**
 * The region whose decay a client watches, and the sum of its decays since it began to: one frame alone has too few
 * photons for a deconvolution that says more than the prior.
 */
export class DecayWatch {
  #sum = new Float64Array(0);
  #frames = 0;
  #nextAt = 0;
  #latest: Deconvolution = { deconvolved: null, deconvolvedReason: null };

  constructor(
    readonly region: PixelRegion,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /**
   * Adds the decay of a frame and returns the newest deconvolution, made anew where the last is old enough.
   *
   * @param clients that may watch, each a region of its own
   */
  add(counts: Uint32Array, deconvolve: Deconvolver, clients: number): Deconvolution {
    if (this.#frames === 0) this.#sum = new Float64Array(counts.length);
    for (let bin = 0; bin < counts.length; bin++) this.#sum[bin]! += counts[bin]!;
    this.#frames++;
    const begun = this.clock();
    if (begun < this.#nextAt) return this.#latest;
    const found = deconvolve(this.#sum);
    const spentMs = this.clock() - begun;
    this.#nextAt = begun + Math.max(INTERVAL_MS, (clients * spentMs) / SHARE_OF_TIME);
    this.#latest =
      typeof found === 'string'
        ? { deconvolved: null, deconvolvedReason: found }
        : { deconvolved: { ...found, frames: this.#frames }, deconvolvedReason: null };
    return this.#latest;
  }
}
