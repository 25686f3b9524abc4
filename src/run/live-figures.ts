import type { DaemonStatus } from '../protocol/stream.js';
import { RecentRate, RecentValues } from './recent.js';

const LATENCY_FRAMES = 256;
const RATE_WINDOW_MS = 3000;

/** How fast and how late frames go out, now. */
export class LiveFigures {
  private readonly latencies = new RecentValues(LATENCY_FRAMES);
  private readonly frames = new RecentRate(RATE_WINDOW_MS);
  /** Since the daemon began; series come and go. */
  readonly delivered = { frames: 0, photons: 0 };

  /** A frame is about to be sent that was complete at the device at `completedAt`, unix ms. */
  frame(photons: Uint32Array, completedAt: number): void {
    const sum = photons.reduce((total, count) => total + count, 0);
    this.frames.add(sum);
    this.delivered.frames++;
    this.delivered.photons += sum;
    this.latencies.add(performance.timeOrigin + performance.now() - completedAt);
  }

  clear(): void {
    this.latencies.clear();
    this.frames.clear();
  }

  get rates(): DaemonStatus['rates'] {
    const { eventsPerSecond, quantityPerSecond } = this.frames.read();
    return { framesPerSecond: eventsPerSecond, photonsPerSecond: quantityPerSecond };
  }

  get latencyMs(): DaemonStatus['latencyMs'] {
    const p50 = this.latencies.percentile(0.5);
    const p99 = this.latencies.percentile(0.99);
    return p50 === null || p99 === null ? null : { p50, p99 };
  }
}
