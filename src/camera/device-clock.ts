/** One reading of the device clock. */
interface ClockReading {
  ticks: number;
  /** Host time in the middle of the request, unix ms. */
  unixMs: number;
  roundTripMs: number;
}

export interface DeviceClockOptions {
  /** Unix time, ms, with fractions. */
  clock?: () => number;
}

/** How far two crystals may run apart; decides when a new, less exact reading is better than an old one. */
const DRIFT_PPM = 50;
const preciseUnixMs = (): number => performance.timeOrigin + performance.now();

/**
 * Maps the device clock onto the host's, after Cristian (Distributed Computing 3, 1989): the device read its
 * clock somewhere within the round trip of the request, so the reading with the shortest round trip is the most
 * exact, to half of it. Asymmetric delays cannot be seen.
 */
export class DeviceClock {
  private best: ClockReading | null = null;
  private readonly clock: () => number;

  constructor(
    private readonly tickHz: number,
    private readonly readTicks: () => Promise<number>,
    { clock = preciseUnixMs }: DeviceClockOptions = {},
  ) {
    this.clock = clock;
  }

  /** Takes `readings` readings, one after another, and keeps the best of these and the one kept so far. */
  async synchronize(readings: number): Promise<void> {
    for (let i = 0; i < readings; i++) {
      const before = this.clock();
      const ticks = await this.readTicks();
      const after = this.clock();
      this.consider({ ticks, unixMs: (before + after) / 2, roundTripMs: after - before }, after);
    }
  }

  /** Unix time by the host's clock at which the device clock stood at `ticks`; NaN before the first reading. */
  toUnixMs(ticks: number): number {
    if (!this.best) return NaN;
    return this.best.unixMs + ((ticks - this.best.ticks) * 1000) / this.tickHz;
  }

  /** How far `toUnixMs` may be off now, ms. */
  uncertaintyMs(): number {
    return this.best ? uncertainty(this.best, this.clock()) : Infinity;
  }

  private consider(reading: ClockReading, now: number): void {
    if (!this.best || uncertainty(reading, now) <= uncertainty(this.best, now)) this.best = reading;
  }
}

function uncertainty({ roundTripMs, unixMs }: ClockReading, now: number): number {
  return roundTripMs / 2 + (now - unixMs) * (DRIFT_PPM / 1e6);
}
