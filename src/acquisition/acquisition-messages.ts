import type { ErrorBody } from '../protocol/errors.js';
import type { RunCounters } from '../protocol/stream.js';
import type { SeriesOrder } from './data-receiver.js';
import type { PublishedFrame } from './frame-assembler.js';
import type { EndOfSeries } from './packet-payloads.js';
import type { DeviceTotals } from './series-receiver.js';

/** What the main thread asks of the acquisition worker; each is answered once. */
export type Command =
  | { verb: 'connect'; target: unknown }
  | ({ verb: 'beginSeries' } & SeriesOrder)
  | { verb: 'endSeries'; totals: DeviceTotals }
  | { verb: 'abortSeries' }
  /** Is the thread alive? */
  | { verb: 'ping' }
  | { verb: 'close' };

export interface CommandMessage {
  call: number;
  command: Command;
}

/** Messages to the main thread arrive in the order in which they were sent: frames before the end of their series. */
export type WorkerMessage =
  | { kind: 'answer'; call: number; result?: RunCounters; error?: ErrorBody }
  | { kind: 'frame'; frame: PublishedFrame }
  | { kind: 'counters'; counters: RunCounters }
  | { kind: 'telemetry'; words: Uint32Array }
  | { kind: 'endOfSeries'; end: EndOfSeries & { series: number } }
  | { kind: 'lost'; error: ErrorBody }
  | { kind: 'refused'; reason: string };
