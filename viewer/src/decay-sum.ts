import type { Decay } from '../../src/client/index.js';

/** The decays of one pixel: the newest, and their sum since the pixel was picked. */
export class DecaySum {
  #latest: Decay | null = null;
  /** The sum of hours may pass 2^32. */
  #sum = new Float64Array(0);
  #frames = 0;

  get latest(): Decay | null {
    return this.#latest;
  }

  /** Decays summed. */
  get frames(): number {
    return this.#frames;
  }

  get sum(): Float64Array {
    return this.#sum;
  }

  reset(): void {
    this.#latest = null;
    this.#frames = 0;
  }

  add(decay: Decay): void {
    if (this.#frames === 0 || this.#sum.length !== decay.counts.length) {
      this.#sum = new Float64Array(decay.counts.length);
      this.#frames = 0;
    }
    for (let bin = 0; bin < decay.counts.length; bin++) this.#sum[bin] += decay.counts[bin];
    this.#latest = decay;
    this.#frames += 1;
  }
}
