/** Frames a second over the last two seconds. */
export class RateMeter {
  readonly #times: number[] = [];

  tick(now: number): void {
    this.#times.push(now);
    this.#forget(now);
  }

  perSecond(now: number): number {
    this.#forget(now);
    const first = this.#times[0];
    const last = this.#times[this.#times.length - 1];
    if (first === undefined || last === undefined || last === first) return 0;
    // Silence lengthens the interval, so that a stopped stream decays to 0 instead of standing still.
    const silence = now - last;
    const interval = (last - first) / (this.#times.length - 1);
    return (1000 * (this.#times.length - 1)) / (last - first + Math.max(0, silence - interval));
  }

  reset(): void {
    this.#times.length = 0;
  }

  #forget(now: number): void {
    while (this.#times.length > 0 && this.#times[0] < now - 2000) this.#times.shift();
  }
}

/** Median of the last values. */
export class MedianMeter {
  readonly #values: number[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#size) this.#values.shift();
  }

  get median(): number | null {
    return [...this.#values].sort((a, b) => a - b)[this.#values.length >> 1] ?? null;
  }

  reset(): void {
    this.#values.length = 0;
  }
}
