import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorBody, errorFromBody, FlimdError } from '../protocol/errors.js';
import { workerFile } from '../worker-file.js';
import { fillFrameBuffer, type FrameBufferLayout, frameBufferLayout } from './frame-buffer.js';
import type { FromWriter, RecordingOrder, ToWriter, WriterData } from './recorder-messages.js';
import type { RecorderCounts } from '../protocol/stream.js';
import type { RecordableFrame, RecordingEnd } from './recording-layout.js';
import type { FrameProvenance } from './recording-writer.js';

export interface RecorderOptions extends RecordingOrder {
  /** Memory for frames that wait for the disk. */
  queueBytes: number;
  /** A disk that takes nothing for so long while frames wait counts as failed. */
  stallMs: number;
  /** The recording has failed; it takes no more frames. */
  onFailed(error: FlimdError): void;
}

export interface RecordingResult extends RecorderCounts {
  bytes: number;
  /** null where the file is complete. */
  error: ErrorBody | null;
}

/** With fewer frames between pipeline and disk every hiccup of the disk loses one. */
const LEAST_FRAMES = 2;
const MOST_FRAMES = 4096;
/** Least patience with a file that is being made, ms: the thread has to begin, too. */
const LEAST_OPEN_MS = 10_000;
/** Longest wait for the end of the writing thread, ms. */
const LEAVE_MS = 1000;

/**
 * A recording as the main thread sees it: frames are copied into a bounded queue in shared memory, and a thread of
 * its own writes them. It never waits for the disk: a frame that finds the queue full is dropped and counted.
 */
export class Recorder {
  readonly #worker: Worker;
  readonly #layout: FrameBufferLayout;
  readonly #slotBytes: number;
  readonly #memory: Uint8Array;
  readonly #free: number[];
  readonly #frames: number;
  #highWater = 0;
  #delivered = 0;
  #notAsked = 0;
  #dropped = 0;
  /** Frames of the file as it says, or as the end found. */
  #inFile = 0;
  #bytes = 0;
  #failure: FlimdError | null = null;
  #opened = false;
  /** The file is closed, or lost to us. */
  #over = false;
  #flushes = 0;
  /** The writing thread owes an answer; the first is that the file is there. */
  #asking = true;
  #lastProgress = performance.now();
  #wake: () => void = () => {};
  readonly #watch: NodeJS.Timeout;

  private constructor(private readonly options: RecorderOptions) {
    this.#layout = frameBufferLayout(options.header);
    this.#slotBytes = Math.ceil(this.#layout.bytes / 8) * 8;
    this.#frames = Math.min(MOST_FRAMES, Math.floor(options.queueBytes / this.#slotBytes));
    if (this.#frames < LEAST_FRAMES) throw queueTooSmall(options.queueBytes, this.#slotBytes);
    const queue = new SharedArrayBuffer(this.#frames * this.#slotBytes);
    this.#memory = new Uint8Array(queue);
    this.#free = Array.from({ length: this.#frames }, (_, slot) => slot);
    const { file, header, compression, flushMs, minFreeBytes } = options;
    const order = { file, header, compression, flushMs, minFreeBytes };
    this.#worker = new Worker(workerFile(import.meta.url, './recording-worker.js'), {
      workerData: { order, queue, slotBytes: this.#slotBytes } satisfies WriterData,
    });
    this.#worker.on('message', (message: FromWriter) => this.#hear(message));
    this.#worker.on('error', (error) => this.#fail(workerFailed(error)));
    this.#watch = setInterval(() => this.#checkProgress(), Math.min(1000, options.stallMs)).unref();
  }

  /** Resolves when the file is there. @throws FlimdError FLIMD_E_RECORDING_*, FLIMD_E_CONFIG */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(options);
    await recorder.#until(() => recorder.#opened);
    recorder.#asking = false;
    if (!recorder.#failure) return recorder;
    await recorder.#leave();
    throw recorder.#failure;
  }

  get name(): string {
    return path.basename(this.options.file);
  }

  get failure(): FlimdError | null {
    return this.#failure;
  }

  /** As far as known: what the file holds is told with every flush. */
  get counts(): RecorderCounts {
    return {
      framesDelivered: this.#delivered,
      framesRecorded: this.#inFile,
      framesDroppedByRecorder: this.#dropped,
      framesNotAsked: this.#notAsked,
    };
  }

  get bytes(): number {
    return this.#bytes;
  }

  get queue(): { bytes: number; highWaterBytes: number; limitBytes: number } {
    const bytesOf = (frames: number): number => frames * this.#slotBytes;
    return {
      bytes: bytesOf(this.#waiting),
      highWaterBytes: bytesOf(this.#highWater),
      limitBytes: bytesOf(this.#frames),
    };
  }

  /** The next frame is the first to be recorded. @param framesNotAsked frames of the series delivered before */
  begin(framesNotAsked: number): void {
    this.#notAsked = framesNotAsked;
  }

  /** Takes a frame, whose memory may be reused as soon as this returns. */
  offer(frame: RecordableFrame): void {
    this.#delivered++;
    const slot = this.#failure ? undefined : this.#free.pop();
    if (slot === undefined) {
      this.#dropped++;
      return;
    }
    if (this.#waiting === 1) this.#lastProgress = performance.now();
    this.#highWater = Math.max(this.#highWater, this.#waiting);
    const buffer = this.#memory.subarray(slot * this.#slotBytes, (slot + 1) * this.#slotBytes);
    fillFrameBuffer(buffer, this.#layout, frame);
    this.#post({ kind: 'frame', slot, provenance: provenanceOf(frame), counts: this.counts });
  }

  /** A frame was delivered that this recorder cannot have: its lifetimes could not be computed. */
  missed(): void {
    this.#delivered++;
    this.#dropped++;
  }

  /** Ends the recording when the queue is empty. @param end is asked then, with the final counts */
  async finish(end: (counts: RecorderCounts) => RecordingEnd): Promise<RecordingResult> {
    await this.#until(() => this.#waiting === 0);
    // The file says how many frames it has, not those who sent them.
    const flushes = this.#flushes;
    await this.#ask({ kind: 'flush' }, () => this.#flushes > flushes);
    await this.#ask({ kind: 'finish', end: end(this.counts) }, () => this.#over);
    await this.#leave();
    return { ...this.counts, bytes: this.#bytes, error: this.#failure?.toJSON() ?? null };
  }

  /** Takes the file away: no frame ever came. */
  async discard(): Promise<void> {
    await this.#ask({ kind: 'discard' }, () => this.#over);
    await this.#leave();
  }

  get #waiting(): number {
    return this.#frames - this.#free.length;
  }

  async #ask(message: ToWriter, answered: () => boolean): Promise<void> {
    if (this.#failure) return;
    this.#asking = true;
    this.#lastProgress = performance.now();
    this.#post(message);
    await this.#until(answered);
    this.#asking = false;
  }

  #hear(message: FromWriter): void {
    if (this.#failure) return;
    this.#lastProgress = performance.now();
    if (message.kind === 'opened') this.#opened = true;
    if (message.kind === 'taken') this.#free.push(message.slot);
    if (message.kind === 'flushed') this.#flushes++;
    if ('frames' in message) {
      this.#inFile = message.frames;
      this.#bytes = message.bytes;
    }
    if (message.kind === 'finished' || message.kind === 'discarded') this.#over = true;
    if (message.kind === 'failed') this.#fail(errorFromBody(message.error));
    this.#wake();
  }

  #fail(error: FlimdError): void {
    if (this.#failure || this.#over) return;
    this.#failure = error;
    this.#over = true;
    // What had been delivered and is not in the file never will be.
    this.#dropped = this.#delivered - this.#inFile;
    this.#wake();
    if (this.#opened) this.options.onFailed(error);
  }

  /** A disk that answers no more, such as that of a server that is gone. */
  #checkProgress(): void {
    const { stallMs: asked } = this.options;
    const stallMs = this.#opened ? asked : Math.max(asked, LEAST_OPEN_MS);
    if (
      this.#over ||
      !(this.#asking || this.#waiting > 0) ||
      performance.now() - this.#lastProgress < stallMs
    )
      return;
    this.#fail(
      new FlimdError('FLIMD_E_RECORDING_WRITE', 'the disk takes nothing any more', {
        value: `${this.#waiting} frames wait for more than ${stallMs} ms`,
        expected: 'a disk that writes (recording.stallMs)',
        action: 'look at the disk; what was written can be read',
      }),
    );
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached() && !this.#failure) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #leave(): Promise<void> {
    clearInterval(this.#watch);
    this.#worker.unref();
    // A thread that hangs in the disk cannot be ended; nobody waits for it.
    await Promise.race([
      this.#worker.terminate(),
      new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref()),
    ]);
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message);
  }
}

/** What goes to the writing thread as a message; the rest went into the buffer. */
function provenanceOf(frame: RecordableFrame): FrameProvenance {
  const { frame: number, startTicks, endTicks, completedAt, complete, source, mismatchedPixels } = frame;
  return { frame: number, startTicks, endTicks, completedAt, complete, source, mismatchedPixels };
}

function queueTooSmall(queueBytes: number, frameBytes: number): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', 'the queue of the recorder is too small for its frames', {
    value: `${queueBytes} bytes for frames of ${frameBytes}`,
    expected: `room for ${LEAST_FRAMES} frames or more`,
    action: 'raise recording.queueBytes, or record without histograms',
  });
}

function workerFailed(cause: Error): FlimdError {
  const details = { action: 'restart flimd; please report it' };
  return new FlimdError('FLIMD_E_INTERNAL', `the recording thread failed: ${cause.message}`, details, {
    cause,
  });
}
