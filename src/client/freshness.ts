import type { RunState } from '../protocol/stream.js';

export type Liveness =
  /** Frames arrive as they should. */
  | 'live'
  /** The run goes on, but no frame came for longer than `staleAfterMs`. */
  | 'stale'
  /** No connection to the daemon, or the daemon has none to the camera. */
  | 'disconnected'
  /** No run is going on; what is shown is the last frame of one. */
  | 'stopped'
  /** A run begins and its first frame has not come yet. */
  | 'waiting';

export interface FreshnessInput {
  connected: boolean;
  /** The daemon's run state; null before its first status. */
  runState: RunState | null;
  /** A series has started and not ended. */
  running: boolean;
  /** Ms since the newest frame of the series arrived; null before the first. */
  frameAgeMs: number | null;
  /** The usual time between two frames at this client, ms; null while unknown. */
  framePeriodMs: number | null;
}

/** Frames later than this are stale: three periods, but never under a second. */
export const staleAfterMs = (framePeriodMs: number | null): number =>
  Math.max(1000, 3 * (framePeriodMs ?? 0));

/** What may honestly be said about the picture on the screen. */
export function liveness(input: FreshnessInput): Liveness {
  if (!input.connected || input.runState === 'disconnected') return 'disconnected';
  if (!input.running) return 'stopped';
  if (input.frameAgeMs === null) return 'waiting';
  return input.frameAgeMs > staleAfterMs(input.framePeriodMs) ? 'stale' : 'live';
}

/** Median time between the last frames: one late frame does not move it. */
export class FramePeriod {
  readonly #intervals: number[] = [];
  #last: number | null = null;

  add(receivedAt: number): void {
    if (this.#last !== null) this.#intervals.push(receivedAt - this.#last);
    if (this.#intervals.length > 15) this.#intervals.shift();
    this.#last = receivedAt;
  }

  get medianMs(): number | null {
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }
}
