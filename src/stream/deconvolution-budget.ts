/** The most of the processor's time for the deconvolutions of all clients: frames come first. */
export const SHARE_OF_TIME = 0.05;

/** No deconvolution, slow as it may have been (a busy machine), is paid for with a longer pause, ms. */
export const LONGEST_SILENCE_MS = 5000;

/** The time that all clients of a stream together have for deconvolutions. */
export class DeconvolutionBudget {
  #freeAt = 0;

  /** @param clock ms, monotonic */
  constructor(readonly clock: () => number) {}

  /** Does the work and returns how long it took, ms; null where its time has not come, and it was not done. */
  spend(work: () => void): number | null {
    const begun = this.clock();
    if (begun < this.#freeAt) return null;
    work();
    const spentMs = this.clock() - begun;
    this.#freeAt = begun + Math.min(LONGEST_SILENCE_MS, spentMs / SHARE_OF_TIME);
    return spentMs;
  }
}
