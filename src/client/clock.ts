export interface ClockMapping {
  /** Add to this client's time to get the daemon's, ms. */
  offsetMs: number;
  /** Round trip of the sample the offset comes from; the offset is wrong by at most half of it. */
  roundTripMs: number;
}

/**
 * Cristian's algorithm over a sliding window: of the last samples the one with the shortest
 * round trip bounds the offset best.
 */
export class ClockEstimator {
  readonly #window: number;
  #samples: ClockMapping[] = [];

  constructor(window = 16) {
    this.#window = window;
  }

  /** Times in unix ms: sent and received by this client's clock, `serverTime` by the daemon's. */
  add(sentAt: number, serverTime: number, receivedAt: number): ClockMapping {
    const roundTripMs = Math.max(0, receivedAt - sentAt);
    this.#samples.push({ roundTripMs, offsetMs: serverTime - (sentAt + receivedAt) / 2 });
    if (this.#samples.length > this.#window) this.#samples.shift();
    return this.mapping!;
  }

  get mapping(): ClockMapping | null {
    if (this.#samples.length === 0) return null;
    return this.#samples.reduce((best, sample) => (sample.roundTripMs < best.roundTripMs ? sample : best));
  }

  /** A reconnect may lead to another machine. */
  reset(): void {
    this.#samples = [];
  }
}
