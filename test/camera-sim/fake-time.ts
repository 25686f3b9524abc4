import type { DeviceTime } from '../../src/camera-sim/device-time.js';

/** Time that moves only when something waits for it; a frame may be given a duration. */
export class FakeTime implements DeviceTime {
  private now = 0;
  private readonly alarms = new Set<{ at: number; ring: () => void }>();

  nowMs(): number {
    return this.now;
  }

  /** Time passes without anybody waiting, as when rendering takes long. */
  pass(ms: number): void {
    this.now += ms;
  }

  after(ms: number, ring: () => void): () => void {
    const alarm = { at: this.now + ms, ring };
    this.alarms.add(alarm);
    setImmediate(() => this.ringNext());
    return () => this.alarms.delete(alarm);
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  private ringNext(): void {
    const [next] = [...this.alarms].sort((a, b) => a.at - b.at);
    if (!next) return;
    this.alarms.delete(next);
    this.now = Math.max(this.now, next.at);
    next.ring();
  }
}
