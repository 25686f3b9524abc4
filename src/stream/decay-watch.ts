import type { DecayMessage, DeconvolvedDecay } from '../protocol/stream.js';

export type PixelRegion = Pick<DecayMessage, 'x' | 'y' | 'width' | 'height'>;

/** The deconvolved decay as messages carry it, without what it was summed from. */
export type DeconvolvedSum = Omit<DeconvolvedDecay, 'frames'>;

/** Deconvolves photons per detector bin; in words why not where it cannot. */
export type Deconvolver = (counts: Float64Array) => DeconvolvedSum | string;

type Deconvolution = Pick<DecayMessage, 'deconvolved' | 'deconvolvedReason'>;

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

  constructor(readonly region: PixelRegion) {}

  /** Adds the decay of a frame; the newest deconvolution, made anew when the last is `intervalMs` old. */
  add(
    counts: Uint32Array,
    deconvolve: Deconvolver,
    intervalMs: number,
    now = performance.now(),
  ): Deconvolution {
    if (this.#frames === 0) this.#sum = new Float64Array(counts.length);
    for (let bin = 0; bin < counts.length; bin++) this.#sum[bin]! += counts[bin]!;
    this.#frames++;
    if (now < this.#nextAt) return this.#latest;
    this.#nextAt = now + intervalMs;
    const found = deconvolve(this.#sum);
    this.#latest =
      typeof found === 'string'
        ? { deconvolved: null, deconvolvedReason: found }
        : { deconvolved: { ...found, frames: this.#frames }, deconvolvedReason: null };
    return this.#latest;
  }
}
