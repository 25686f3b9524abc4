import { EventEmitter, once } from 'node:events';
import { type MessagePort, type TransferListItem, Worker } from 'node:worker_threads';
import { errorFromBody, FlimdError } from '../protocol/errors.js';
import type { RunCounters } from '../protocol/stream.js';
import { workerFile } from '../worker-file.js';
import type { Command, CommandMessage, WorkerMessage } from './acquisition-messages.js';
import { type AcquisitionLimits, defaultAcquisitionLimits } from './acquisition-options.js';
import { PendingCalls } from './pending-calls.js';
import type { PublishedFrame } from './frame-assembler.js';
import { FramePool, type FramePoolViews } from './frame-pool.js';
import type { FrameGeometry } from './frame-slot.js';
import type { EndOfSeries } from './packet-payloads.js';
import type { ExpectedOutput } from './row-writer.js';
import type { DeviceTotals } from './series-receiver.js';

export type { PublishedFrame } from './frame-assembler.js';
export type { FramePoolViews } from './frame-pool.js';
export type { FrameSlot, LifetimePlanes } from './frame-slot.js';

/** Where the camera's data channel is; understood by the link that the worker is wired to. */
export type DataTarget =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'memory'; data: MessagePort }
  | { kind: 'usb'; vendor: number; product: number; serial: string | null }
  | { kind: 'pcie'; device: string };

export interface SeriesDescription {
  /** As written to the camera, not 0. */
  series: number;
  geometry: { width: number; height: number; bins: number };
  expect: ExpectedOutput;
}

interface AcquisitionEvents {
  /** A frame lies in its slot, to be read and then released. */
  frame: [PublishedFrame];
  /** Counters of the running series, at most five times a second. */
  counters: [RunCounters];
  /** The words of the telemetry register block. */
  telemetry: [Uint32Array];
  /** The device has sent the last packet of a series; `endSeries` collects what is still on its way. */
  endOfSeries: [EndOfSeries & { series: number }];
  /** The data channel broke; frames begun are kept, and `endSeries` delivers them. */
  lost: [FlimdError];
  /** The device refused something on the data channel. */
  refused: [string];
}

/** Slots beyond the open frames, so that a published frame has somewhere to be. */
const SPARE_SLOTS = 1;

/**
 * The acquisition as the main thread sees it: a worker thread receives, decodes and assembles; frames appear in
 * shared memory.
 */
export class Acquisition extends EventEmitter<AcquisitionEvents> {
  private readonly calls = new PendingCalls<RunCounters | undefined>();
  private pool: FramePool | null = null;

  private constructor(
    private readonly worker: Worker,
    private readonly limits: AcquisitionLimits,
  ) {
    super();
    worker.on('message', (message: WorkerMessage) => this.hear(message));
    worker.on('error', (error) => this.workerFailed(error));
  }

  static async start(options: Partial<AcquisitionLimits> = {}): Promise<Acquisition> {
    const limits = { ...defaultAcquisitionLimits, ...options };
    const worker = new Worker(workerFile(import.meta.url, '../run/acquisition-worker.js'), {
      workerData: limits,
    });
    const acquisition = new Acquisition(worker, limits);
    await once(worker, 'online');
    return acquisition;
  }

  /** @throws FlimdError FLIMD_E_LINK_OPEN, _REFUSED, _TIMEOUT, _LOST, FLIMD_E_NOT_A_CAMERA */
  async connect(target: DataTarget): Promise<void> {
    if (target.kind === 'memory') {
      const { kind, data } = target;
      await this.call({ verb: 'connect', target: { kind, data } }, [data]);
    } else await this.call({ verb: 'connect', target });
  }

  /**
   * Makes ready to receive a series; to be called before the camera is started. The returned pool serves this
   * series; it is the one of the series before where the geometry is the same.
   */
  async beginSeries({ series, geometry, expect }: SeriesDescription): Promise<FramePoolViews> {
    this.pool = this.poolFor({ ...geometry, histograms: expect.histograms });
    await this.call({ verb: 'beginSeries', series, expect, share: this.pool.share });
    return this.pool;
  }

  /**
   * The camera has been stopped and says what it sent. Waits for everything up to its last packet, or until the
   * link has been silent for `drainTimeoutMs`; all frames have been emitted when it resolves.
   */
  async endSeries(totals: DeviceTotals): Promise<RunCounters> {
    return (await this.call({ verb: 'endSeries', totals }))!;
  }

  /** Gives up the open frames. */
  async abortSeries(): Promise<RunCounters> {
    return (await this.call({ verb: 'abortSeries' }))!;
  }

  /** Resolves when the worker thread has answered: its event loop turns. Rejects where the thread has failed. */
  async ping(): Promise<void> {
    await this.call({ verb: 'ping' });
  }

  /** The reader is done with the frame in `slot`. */
  release(slot: number): void {
    if (this.pool?.release(slot)) return;
    throw new FlimdError('FLIMD_E_INTERNAL', 'a frame buffer was released that was not published', {
      value: slot,
    });
  }

  /** Whatever is still asked for then, and later, is refused. */
  async close(): Promise<void> {
    // A worker that has failed does not answer, and needs no more than to be ended.
    await this.call({ verb: 'close' }).catch(() => {});
    await this.worker.terminate();
    this.calls.rejectAll(
      new FlimdError('FLIMD_E_STATE', 'the acquisition has been closed', { action: 'start flimd again' }),
    );
  }

  private poolFor(geometry: FrameGeometry): FramePool {
    const { pool, limits } = this;
    if (pool && sameGeometry(pool.geometry, geometry)) return pool;
    if (pool && pool.inUse > 0) {
      throw new FlimdError('FLIMD_E_STATE', 'frames of the last series are still being read', {
        value: `${pool.inUse} frame buffers in use`,
        action: 'release them before a series of another frame size begins',
      });
    }
    return FramePool.allocate(geometry, { ...limits, leastSlots: limits.maxOpenFrames + SPARE_SLOTS });
  }

  private call(command: Command, transfer: TransferListItem[] = []): Promise<RunCounters | undefined> {
    const { id, answer } = this.calls.begin();
    this.worker.postMessage({ call: id, command } satisfies CommandMessage, transfer);
    return answer;
  }

  private hear(message: WorkerMessage): void {
    switch (message.kind) {
      case 'answer':
        if (message.error) this.calls.reject(message.call, errorFromBody(message.error));
        else this.calls.resolve(message.call, message.result);
        break;
      case 'frame':
        this.emit('frame', message.frame);
        break;
      case 'counters':
        this.emit('counters', message.counters);
        break;
      case 'telemetry':
        this.emit('telemetry', message.words);
        break;
      case 'endOfSeries':
        this.emit('endOfSeries', message.end);
        break;
      case 'lost':
        this.emit('lost', errorFromBody(message.error));
        break;
      case 'refused':
        this.emit('refused', message.reason);
        break;
    }
  }

  private workerFailed(cause: Error): void {
    const error = new FlimdError(
      'FLIMD_E_INTERNAL',
      `the acquisition thread failed: ${cause.message}`,
      { action: 'restart flimd; please report it' },
      { cause },
    );
    this.calls.rejectAll(error);
    this.emit('lost', error);
  }
}

function sameGeometry(a: FrameGeometry, b: FrameGeometry): boolean {
  return a.width === b.width && a.height === b.height && a.bins === b.bins && a.histograms === b.histograms;
}
