import { vi } from 'vitest';
import { Acquisition } from '../../src/acquisition/acquisition.js';
import { Camera } from '../../src/camera/camera.js';
import type { LinkTarget } from '../../src/link/index.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { BOTH, expected, FrameTally, size } from './fault-run.js';
import type { ReferenceFrames } from './reference-frames.js';

/** A camera on a link, received by the daemon's acquisition worker. */
export class WorkerRun {
  readonly tally = new FrameTally();
  readonly lost: string[] = [];

  private constructor(
    readonly acquisition: Acquisition,
    readonly camera: Camera,
    private readonly target: LinkTarget,
    private readonly reference: ReferenceFrames,
  ) {
    acquisition.on('lost', (error) => this.lost.push(error.code));
  }

  static async open(target: LinkTarget, reference: ReferenceFrames): Promise<WorkerRun> {
    const acquisition = await Acquisition.start({ poolSlots: 64 });
    const camera = await Camera.open(target, { requestTimeoutMs: 20_000 });
    return new WorkerRun(acquisition, camera, target, reference);
  }

  /** The data channel: again, where it was lost. */
  connect(): Promise<void> {
    return this.acquisition.connect(this.target);
  }

  async close(): Promise<void> {
    await this.camera.close();
    await this.acquisition.close();
  }

  /** Runs a series to its frame limit, or to the loss of the link. */
  async series(series: number, frameLimit: number, framePeriodUs = 3000): Promise<RunCounters> {
    const { acquisition, camera, tally, reference } = this;
    const pool = await acquisition.beginSeries({ series, geometry: size, expect: expected });
    acquisition.removeAllListeners('frame').on('frame', (frame) => {
      tally.add(frame, reference.compare(frame.frame, pool.slots[frame.slot]!));
      acquisition.release(frame.slot);
    });
    await camera.arm({ series, output: BOTH, frameLimit, framePeriodUs, rowsPerPacket: 1 });
    await camera.start();
    await vi.waitUntil(async () => (await camera.readState()).state === 'idle', {
      timeout: 60_000,
      interval: 20,
    });
    const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
    return acquisition.endSeries({ packetsSent, framesSent, framesDroppedByDevice: framesDropped });
  }
}
