/** Time as the device sees it; tests put their own in its place. */
export interface DeviceTime {
  /** Monotonic, ms, of arbitrary origin. */
  nowMs(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, ring: () => void): () => void;
  /** Lets whatever else waits on this thread run: register requests, the link. */
  breathe(): Promise<void>;
}

export const monotonicTime: DeviceTime = {
  nowMs: () => performance.now(),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};

/** A wait that ends at a time or when something happens, whichever is first. */
export class Alarm {
  private wake: (() => void) | null = null;

  constructor(private readonly time: DeviceTime) {}

  /** Ends early a wait that is under way. */
  ring(): void {
    this.wake?.();
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.time.after(ms, () => this.wake?.());
      this.wake = () => {
        this.wake = null;
        cancel();
        resolve();
      };
    });
  }
}

/**
 * When frames are due: every period from the start. A camera that fell behind by more than a period goes on
 * from now: it catches up small delays and never sends a burst.
 */
export class FrameClock {
  private dueMs: number;

  constructor(
    startMs: number,
    private readonly periodMs: number,
  ) {
    this.dueMs = startMs;
  }

  /** ms until the next frame is due; 0 or less where it is due now. */
  remaining(nowMs: number): number {
    return this.dueMs - nowMs;
  }

  frameBegun(nowMs: number): void {
    const behind = nowMs - this.dueMs;
    this.dueMs = behind > this.periodMs ? nowMs + this.periodMs : this.dueMs + this.periodMs;
  }
}

/** The device clock: 100 MHz from power-on. */
export const TICK_HZ = 100_000_000;
const TICKS_PER_MS = TICK_HZ / 1000;

export class DeviceClock {
  private readonly powerOnMs: number;

  constructor(private readonly time: DeviceTime) {
    this.powerOnMs = time.nowMs();
  }

  readonly ticks = (): number => Math.floor((this.time.nowMs() - this.powerOnMs) * TICKS_PER_MS);
}
