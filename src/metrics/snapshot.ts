import type { DaemonStatus, EndMessage, RunCounters } from '../protocol/stream.js';

/** A counter of a run that can be added up over runs. */
export type SummedCounter = Exclude<keyof RunCounters, 'poolHighWater'>;

/** What all series since the start of the daemon add up to, the present one included. */
export interface RunTotals {
  /** Sums of the counters of the series; of what only an end can tell (`settledCounters`), of those that have ended. */
  counters: Record<SummedCounter, number>;
  /** Series that ended, by what ended them. */
  runs: Record<EndMessage['reason'], number>;
  /** Frames handed to the stream, and their photons. */
  delivered: { frames: number; photons: number };
  shadow: { frames: number; pixels: number; mismatchedPixels: number };
  camera: { connects: number; losses: number };
}

/** Of the process of the daemon. */
export interface ProcessFigures {
  residentBytes: number;
  heapUsedBytes: number;
  externalBytes: number;
  cpuSeconds: number;
  /** Delay of the event loop in the last whole window; null before there is one. */
  loopDelaySeconds: { p50: number; p99: number; max: number } | null;
}

/** Everything that a scrape is made from, taken at one moment. */
export interface MetricsSnapshot {
  status: DaemonStatus;
  totals: RunTotals;
  process: ProcessFigures;
}

/**
 * Counters that can go down while a series runs: a packet that is missing now may only be late. A sum over series takes
 * them when the series has ended, so that it never goes down.
 */
export const settledCounters = [
  'packetsSent',
  'packetsLost',
  'framesMissing',
] as const satisfies readonly SummedCounter[];
