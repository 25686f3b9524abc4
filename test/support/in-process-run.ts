import { expect, vi } from 'vitest';
import { defaultAcquisitionLimits } from '../../src/acquisition/acquisition-options.js';
import type { DataOpener } from '../../src/acquisition/data-connection.js';
import { DataReceiver } from '../../src/acquisition/data-receiver.js';
import type { PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import type { DevicePort } from '../../src/camera-sim/device-port.js';
import { DeviceCommand, DeviceState } from '../../src/protocol/registers.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { openerFor } from './device-wire.js';
import { BOTH, expected, FrameTally, scene, size } from './fault-run.js';
import { ReferenceFrames } from './reference-frames.js';
import { virtualDevice } from './virtual-device.js';

/** Device and receiver in this thread, with a link between that has the faults that the device's options ask for. */
export class InProcessRun {
  readonly pool = FramePool.allocate(
    { ...size, histograms: true },
    { ...defaultAcquisitionLimits, leastSlots: 5 },
  );
  readonly tally = new FrameTally();
  lost = 0;
  onFrame: (frame: PublishedFrame) => void;
  readonly receiver: DataReceiver<null>;
  private readonly ticker: NodeJS.Timeout;

  /** @param settleMs how long what the device has sent may be on its way once it is idle */
  constructor(
    readonly device: DevicePort,
    reference: ReferenceFrames,
    open: DataOpener<null> = openerFor(device),
    settleMs = 20,
  ) {
    this.onFrame = (frame) =>
      this.tally.add(frame, reference.compare(frame.frame, this.pool.slots[frame.slot]!));
    this.receiver = new DataReceiver({
      open,
      limits: { ...defaultAcquisitionLimits, settleMs },
      events: {
        frame: (frame) => {
          this.onFrame(frame);
          this.pool.release(frame.slot);
        },
        counters: () => {},
        telemetry: () => {},
        endOfSeries: () => {},
        lost: () => this.lost++,
        refused: (reason) => expect.fail(reason),
      },
    });
    this.ticker = setInterval(() => this.receiver.tick(), 20);
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    await this.receiver.disconnect();
  }

  /** Runs a series to its frame limit, or to the loss of the link. */
  async series(series: number, frameLimit: number): Promise<RunCounters> {
    const { registers } = this.device.camera;
    this.receiver.beginSeries({ series, share: this.pool.share, expect: expected });
    const settings = [BOTH, series, frameLimit, 1];
    registers.write(0x104, Uint32Array.from(settings));
    registers.write(0x100, Uint32Array.of(DeviceCommand.arm));
    registers.write(0x100, Uint32Array.of(DeviceCommand.start));
    await vi.waitUntil(() => registers.read(0x140, 1)[0] === DeviceState.idle, {
      timeout: 50_000,
      interval: 5,
    });
    const [packetsSent, framesSent, framesDroppedByDevice] = registers.read(0x180, 3);
    return this.receiver.endSeries({
      packetsSent: packetsSent!,
      framesSent: framesSent!,
      framesDroppedByDevice: framesDroppedByDevice!,
    });
  }
}

/** The frames of `scene`, over a sound link. */
export async function referenceFrames(): Promise<ReferenceFrames> {
  const reference = new ReferenceFrames(size.height);
  const run = new InProcessRun(virtualDevice(scene), reference);
  run.onFrame = (frame) => reference.keep(frame.frame, run.pool.slots[frame.slot]!);
  await run.receiver.connect(null);
  const counters = await run.series(1, scene.cacheFrames);
  expect(counters).toMatchObject({
    packetsLost: 0,
    packetsInvalid: 0,
    bytesSkipped: 0,
    framesPublished: scene.cacheFrames,
    framesPartial: 0,
  });
  expect(reference.count).toBe(scene.cacheFrames);
  await run.close();
  return reference;
}
