/** Lets `perSecond` events through on average, and as many at once after a pause. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#tokens = perSecond;
    this.#at = clock();
  }

  /** Whether one more event is within the rate. */
  take(): boolean {
    const now = this.clock();
    this.#tokens = Math.min(this.perSecond, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
