import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { errorBody, FlimdError } from '../protocol/errors.js';
import { frameBufferLayout } from './frame-buffer.js';
import type { Hdf5Library } from './hdf5/hdf5-library.js';
import type { FromWriter, ToWriter, WriterData } from './recorder-messages.js';
import type { RecorderCounts } from '../protocol/stream.js';
import { PARTIAL_SUFFIX, type RecordingEnd, unfinishedEnd } from './recording-layout.js';
import { fileExists } from './recording-folder.js';
import { RecordingWriter } from './recording-writer.js';

const noFrames: RecorderCounts = {
  framesDelivered: 0,
  framesRecorded: 0,
  framesDroppedByRecorder: 0,
  framesNotAsked: 0,
};

/** The writing thread's end of a `Recorder`: writes frames as they come, flushes now and then, closes the file. */
export class WritingService {
  readonly #partial: string;
  readonly #writer: RecordingWriter;
  readonly #slotLength: number;
  readonly #timer: NodeJS.Timeout;
  #counts = noFrames;
  #flushed = performance.now();
  #dirty = false;
  #over = false;

  constructor(
    library: Hdf5Library,
    private readonly port: MessagePort,
    private readonly data: WriterData,
  ) {
    const { file, header, compression, flushMs } = data.order;
    this.#partial = file + PARTIAL_SUFFIX;
    this.#slotLength = frameBufferLayout(header).bytes;
    this.#writer = new RecordingWriter(library, this.#partial, header, compression);
    // The file says what it is from the beginning.
    this.#flush();
    this.#timer = setInterval(() => this.#try(() => this.#flushWhenDue()), flushMs);
    port.on('message', (message: ToWriter) => this.#hear(message));
    this.#post({ kind: 'opened' });
  }

  #hear(message: ToWriter): void {
    if (this.#over) return;
    if (message.kind === 'frame') this.#try(() => this.#take(message));
    else if (message.kind === 'flush') this.#try(() => this.#flush());
    else if (message.kind === 'discard') this.#discard();
    else this.#try(() => this.#finish(message.end));
  }

  #take({ slot, provenance, counts }: Extract<ToWriter, { kind: 'frame' }>): void {
    this.#counts = counts;
    const { queue, slotBytes } = this.data;
    this.#writer.append(provenance, new Uint8Array(queue, slot * slotBytes, this.#slotLength));
    this.#dirty = true;
    this.#post({ kind: 'taken', slot });
    this.#flushWhenDue();
  }

  #flushWhenDue(): void {
    if (!this.#dirty || performance.now() - this.#flushed < this.data.order.flushMs) return;
    this.#checkRoom();
    this.#flush();
  }

  #flush(): void {
    this.#writer.flush(() => unfinishedEnd(this.#counted));
    this.#dirty = false;
    this.#flushed = performance.now();
    this.#post({ kind: 'flushed', ...this.#size });
  }

  #finish(end: RecordingEnd): void {
    const { file } = this.data.order;
    this.#writer.finish(end);
    toDisk(this.#partial);
    if (existsSync(file)) throw fileExists(file);
    renameSync(this.#partial, file);
    toDisk(path.dirname(file));
    this.#end({ kind: 'finished', frames: this.#writer.framesRecorded, bytes: statSync(file).size });
  }

  #discard(): void {
    rmSync(this.#partial, { force: true });
    this.#end({ kind: 'discarded' });
  }

  /** The first thing that fails ends the recording; what is in the file stays there. */
  #try(act: () => void): void {
    if (this.#over) return;
    try {
      act();
    } catch (error) {
      const body = errorBody(error);
      this.#writer.rescue(() => ({
        ...unfinishedEnd(this.#counted),
        finished: true,
        endedAt: Date.now(),
        reason: 'recordingFailed',
        cause: body.message,
        error: body,
      }));
      this.#end({ kind: 'failed', error: body, ...this.#size });
    }
  }

  /** A disk that is all but full: ends while there is room to end in order. */
  #checkRoom(): void {
    const { file, minFreeBytes } = this.data.order;
    const { bavail, bsize } = statfsSync(path.dirname(file));
    if (bavail * bsize >= minFreeBytes) return;
    throw new FlimdError('FLIMD_E_RECORDING_DISK_FULL', 'the disk of the recording is almost full', {
      value: `${bavail * bsize} bytes free`,
      expected: `at least ${minFreeBytes} bytes (recording.minFreeBytes)`,
      action: 'make room, or set recording.directory to another disk; what was written can be read',
    });
  }

  get #counted(): RecorderCounts {
    return { ...this.#counts, framesRecorded: this.#writer.framesRecorded };
  }

  get #size(): { frames: number; bytes: number } {
    return { frames: this.#writer.framesRecorded, bytes: sizeOf(this.#partial) };
  }

  #end(message: FromWriter): void {
    this.#over = true;
    clearInterval(this.#timer);
    this.#post(message);
    this.port.close();
  }

  #post(message: FromWriter): void {
    this.port.postMessage(message);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Waits until the disk has it: a flush alone survives the death of the process, not that of the machine. */
function toDisk(file: string): void {
  const opened = openSync(file, 'r');
  try {
    fsyncSync(opened);
  } catch {
    // Some file systems cannot; what the system has is written all the same.
  } finally {
    closeSync(opened);
  }
}
