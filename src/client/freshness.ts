import type { RunState } from '../protocol/stream.js';

export type Liveness =
  /** Frames arrive, and are young. */
  | 'live'
  /** The run goes on, but frames stay away or come late. */
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
  /** The newest frame of the series; null before the first. */
  newest: {
    /** Since it arrived here. */
    silentMs: number;
    /** Since it was complete at the camera, clocks mapped. */
    ageMs: number;
  } | null;
  /** The usual time between two frames at this client, ms; null while unknown. */
  framePeriodMs: number | null;
}

/** Silence longer than this is stale: three periods, but never under a second. */
export const staleAfterMs = (framePeriodMs: number | null): number =>
  Math.max(1000, 3 * (framePeriodMs ?? 0));

/** A frame may be older than the silence allowed: a partial one is waited for. So much older is late. */
export const lateAfterMs = (framePeriodMs: number | null): number => 3 * staleAfterMs(framePeriodMs);

/** What may honestly be said about the picture on the screen. */
export function liveness(input: FreshnessInput): Liveness {
  const { newest, framePeriodMs } = input;
  if (!input.connected || input.runState === 'disconnected') return 'disconnected';
  if (!input.running) return 'stopped';
  if (newest === null) return 'waiting';
  const stale = newest.silentMs > staleAfterMs(framePeriodMs) || newest.ageMs > lateAfterMs(framePeriodMs);
  return stale ? 'stale' : 'live';
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
