/** A timer may be as late as this without costing the bus any of its rate, ms. */
const LATE_MS = 5;

/** Lets what it is given pass in its order, and no faster than a bus carries it. */
export class BusPace<Load> {
  private waiting: { load: Load; bytes: number }[] = [];
  /** When the bus has carried what has passed, on the clock of `performance.now()`, ms. */
  private carriedAt = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @param bytesPerSecond Infinity where nothing holds it up */
  constructor(
    private readonly bytesPerSecond: number,
    private readonly pass: (load: Load) => void,
  ) {}

  push(load: Load, bytes: number): void {
    this.waiting.push({ load, bytes });
    if (!this.timer) this.carry();
  }

  /** What waits is dropped. */
  clear(): void {
    this.waiting = [];
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private carry(): void {
    this.timer = null;
    const now = performance.now();
    // An idle bus saves nothing up.
    this.carriedAt = Math.max(this.carriedAt, now - LATE_MS);
    while (this.waiting.length > 0 && this.carriedAt <= now) {
      const { load, bytes } = this.waiting.shift()!;
      this.carriedAt += (1000 * bytes) / this.bytesPerSecond;
      this.pass(load);
    }
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.carry(), this.carriedAt - now);
  }
}
