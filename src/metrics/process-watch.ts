import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessFigures } from './snapshot.js';

const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;
const NS_PER_S = 1e9;
const US_PER_S = 1e6;

/**
 * Watches the process. The delay of the event loop is told of whole windows, whoever asks how often: two scrapers do
 * not take the figures from each other.
 */
export class ProcessWatch {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #lastWindow: ProcessFigures['loopDelaySeconds'] = null;

  constructor(windowMs = WINDOW_MS) {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#endWindow(), windowMs).unref();
  }

  get figures(): ProcessFigures {
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      cpuSeconds: (user + system) / US_PER_S,
      loopDelaySeconds: this.#lastWindow,
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  #endWindow(): void {
    const { count, max } = this.#histogram;
    if (count > 0) {
      this.#lastWindow = {
        p50: delayS(this.#histogram.percentile(50)),
        p99: delayS(this.#histogram.percentile(99)),
        max: delayS(max),
      };
    }
    this.#histogram.reset();
  }
}

/** The histogram holds the time between two looks; what goes beyond the time meant is delay. */
const delayS = (intervalNs: number): number => Math.max(0, intervalNs / NS_PER_S - RESOLUTION_MS / 1000);
