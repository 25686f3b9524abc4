import type { ErrorBody } from '../protocol/errors.js';
import type { RecorderCounts } from '../protocol/stream.js';
import type { RecordingEnd, RecordingHeader } from './recording-layout.js';
import type { FrameProvenance } from './recording-writer.js';

/** What the writing thread is started with. */
export interface RecordingOrder {
  /** Absolute; PARTIAL_SUFFIX is added while it is being written. */
  file: string;
  header: RecordingHeader;
  /** Deflate level, 0 = none. */
  compression: number;
  /** Time between flushes, ms. */
  flushMs: number;
  /** The recording ends when the disk has less than this left. */
  minFreeBytes: number;
}

export type ToWriter =
  /** The frame in a buffer of the queue, and the counts so far, for a file that is never finished. */
  | { kind: 'frame'; slot: number; provenance: FrameProvenance; counts: RecorderCounts }
  | { kind: 'flush' }
  | { kind: 'finish'; end: RecordingEnd }
  /** Nothing was recorded, and nothing will be: the file goes. */
  | { kind: 'discard' };

export type FromWriter =
  | { kind: 'opened' }
  /** The buffer is free again. */
  | { kind: 'taken'; slot: number }
  /** What can be read in the file by now, and how large that is. */
  | { kind: 'flushed'; frames: number; bytes: number }
  /** The end of everything: the file is closed. */
  | { kind: 'finished'; frames: number; bytes: number }
  | { kind: 'discarded' }
  /** The file is closed as well as could be, with `frames` in it. */
  | { kind: 'failed'; error: ErrorBody; frames: number; bytes: number };

export interface WriterData {
  order: RecordingOrder;
  /** Memory of the queue, `slotBytes` for each frame. */
  queue: SharedArrayBuffer;
  slotBytes: number;
}
