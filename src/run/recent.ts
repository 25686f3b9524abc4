/** The last `capacity` values, for percentiles and rates of what is happening now. */
export class RecentValues {
  private readonly values: number[] = [];
  private next = 0;

  constructor(private readonly capacity: number) {}

  add(value: number): void {
    this.values[this.next] = value;
    this.next = (this.next + 1) % this.capacity;
  }

  clear(): void {
    this.values.length = 0;
    this.next = 0;
  }

  /** Nearest-rank percentile, `share` in 0 … 1; null before the first value. */
  percentile(share: number): number | null {
    if (this.values.length === 0) return null;
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
  }
}

/** Events (and a quantity with each) per second over the last `windowMs`. */
export class RecentRate {
  private readonly events: { at: number; quantity: number }[] = [];

  constructor(
    private readonly windowMs: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  add(quantity: number): void {
    this.events.push({ at: this.clock(), quantity });
    this.forget();
  }

  clear(): void {
    this.events.length = 0;
  }

  /** Rates between the first and the last event of the window; 0 while there are fewer than two, or none lately. */
  read(): { eventsPerSecond: number; quantityPerSecond: number } {
    this.forget();
    const first = this.events[0];
    const last = this.events.at(-1);
    if (!first || !last || last.at === first.at) return { eventsPerSecond: 0, quantityPerSecond: 0 };
    const seconds = (last.at - first.at) / 1000;
    let quantity = -first.quantity;
    for (const event of this.events) quantity += event.quantity;
    return { eventsPerSecond: (this.events.length - 1) / seconds, quantityPerSecond: quantity / seconds };
  }

  private forget(): void {
    const oldest = this.clock() - this.windowMs;
    while (this.events.length > 0 && this.events[0]!.at < oldest) this.events.shift();
  }
}
