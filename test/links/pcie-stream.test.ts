import { constants as fsConstants } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Camera } from '../../src/camera/camera.js';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { startSimThread } from '../../src/camera-sim/sim-thread.js';
import { DeviceFile } from '../../src/link/device-file.js';
import type { FlimdError } from '../../src/protocol/errors.js';
import { PacketType } from '../../src/protocol/packet.js';
import { DeviceOutput } from '../../src/protocol/registers.js';
import { PacketCollector } from '../camera-sim/host.js';
import { virtualDevice } from '../support/virtual-device.js';
import { describeWithFuse } from './support/fuse.js';
import { type FrameCopy, type Host, Opened, targetOf } from './support/xdma-host.js';

const BOTH = DeviceOutput.lifetimes | DeviceOutput.histograms;
const small = { fps: 0, cacheFrames: 4 };
const opened = new Opened();
afterEach(() => opened.close());

const READ_PACKETS = fsConstants.O_RDONLY | fsConstants.O_TRUNC;

/** Reads up to the end of the series; every read is one packet. */
async function readSeries(file: DeviceFile): Promise<PacketCollector> {
  const collector = new PacketCollector();
  for (;;) {
    const bytes = await file.read(0, file.buffers[0]!.length);
    collector.push(file.buffers[0]!.subarray(0, bytes));
    if (collector.packets.at(-1)?.type === PacketType.endOfSeries) return collector;
  }
}

const lossOf = (host: Host): Promise<FlimdError> =>
  new Promise((resolve) => host.acquisition.once('lost', resolve));

const hexOf = (frames: Map<number, FrameCopy>): string[][] =>
  [...frames]
    .sort(([a], [b]) => a - b)
    .map(([, planes]) => planes.map((plane) => Buffer.from(plane).toString('base64')));

describeWithFuse('the stream of a PCIe camera', () => {
  it('brings the same bits as the memory link does', async () => {
    const options = parseSimOptions({ width: '32', height: '32', seed: '7', fps: '0', photons: '200' });
    const settings = { series: 3, output: BOTH | DeviceOutput.standardErrors, frameLimit: 12 };
    const xdma = await opened.connect(targetOf(await opened.serve(await createDevice(options))));
    await xdma.start(settings);
    expect(await xdma.finish()).toMatchObject({
      lawsHold: true,
      counters: { framesPublished: 12, packetsLost: 0, bytesSkipped: 0 },
    });
    const thread = await startSimThread(options);
    opened.add(() => thread.close());
    const memory = await opened.connect(thread.target);
    await memory.start(settings);
    await memory.finish();
    expect(hexOf(memory.frames)).toHaveLength(12);
    expect(hexOf(xdma.frames)).toEqual(hexOf(memory.frames));
  });

  it('holds packets larger than what one read brings', async () => {
    // A row of 512 × 1024 bins is 1 MiB, and with its header more than a buffer.
    const device = virtualDevice({ width: 512, height: 8, bins: 1024, photons: 5, fps: 0, cacheFrames: 1 });
    const host = await opened.connect(targetOf(await opened.serve(device)));
    await host.start({ series: 1, output: DeviceOutput.histograms, frameLimit: 3 });
    expect(await host.finish()).toMatchObject({
      lawsHold: true,
      counters: { framesPublished: 3, packetsLost: 0 },
    });
  });

  it('takes the time-outs of the driver for what they are: nothing to read', async () => {
    const server = await opened.serve(virtualDevice(small), { timeoutMs: 20 });
    const host = await opened.connect(targetOf(server));
    const lost = vi.fn();
    host.acquisition.on('lost', lost);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await host.start({ series: 1, output: BOTH, frameLimit: 5, framePeriodUs: 50_000 });
    expect(await host.finish()).toMatchObject({
      lawsHold: true,
      counters: { framesPublished: 5, packetsLost: 0 },
    });
    expect(lost).not.toHaveBeenCalled();
  });

  it('loses nothing when the reader stands still: the camera drops whole frames, and says how many', async () => {
    const device = virtualDevice({ ...small, linkLimitBytes: 20_000 });
    const server = await opened.serve(device);
    const camera = await Camera.open(targetOf(server));
    opened.add(() => camera.close());
    const file = new DeviceFile({
      path: `${server.device}_c2h_0`,
      flags: READ_PACKETS,
      buffers: 1,
      bufferBytes: 65_536,
    });
    opened.add(() => file.close());
    expect(await file.open()).toBe(0);
    await camera.arm({ series: 1, output: BOTH, frameLimit: 100, framePeriodUs: 2000 });
    await camera.start();
    await vi.waitUntil(async () => (await camera.readCounters()).framesDropped > 10);
    const { packets } = await readSeries(file);
    const { framesSent, framesDropped } = await camera.readCounters();
    expect(framesDropped).toBeGreaterThan(10);
    expect(framesSent + framesDropped).toBe(100);
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, i) => i));
    expect(packets.filter(({ type }) => type === PacketType.endOfFrame)).toHaveLength(framesSent);
  });

  it('accounts for packets that are cut, damaged, left out and held up', async () => {
    const device = virtualDevice({
      ...small,
      seed: 5,
      stallMs: 5,
      faults: { truncate: 0.02, corrupt: 0.02, drop: 0.02, garbage: 0.02, stall: 0.005 },
    });
    const host = await opened.connect(targetOf(await opened.serve(device)));
    await host.start({ series: 1, output: BOTH, frameLimit: 200 });
    await vi.waitUntil(async () => (await host.camera.readState()).state === 'idle', { timeout: 30_000 });
    const { counters, lawsHold } = await host.collect();
    const ledger = device.faultLedger!;
    expect(lawsHold).toBe(true);
    expect(Math.min(ledger.truncated, ledger.corrupted, ledger.dropped, ledger.stalls)).toBeGreaterThan(0);
    expect(counters).toMatchObject({
      packetsSent: ledger.packets,
      packetsLost: ledger.dropped + ledger.corrupted + ledger.truncated,
    });
  });
});

describeWithFuse('a PCIe camera that fails', () => {
  const endless = { series: 1, output: BOTH, frameLimit: 0, framePeriodUs: 2000 };

  it.each([
    ['EIO', constants.errno.EIO, /DMA engine/],
    ['ENODEV', constants.errno.ENODEV, /is gone/],
  ])(
    'ends the series with what had arrived at %s in mid-read, and can be opened again',
    async (_, errno, message) => {
      const server = await opened.serve(virtualDevice(small));
      const host = await opened.connect(targetOf(server));
      await host.start(endless);
      await vi.waitUntil(() => host.frames.size > 5);
      const lost = lossOf(host);
      server.failRead(errno);
      expect(await lost).toMatchObject({
        code: 'FLIMD_E_LINK_LOST',
        message: expect.stringMatching(message),
      });
      const { counters, lawsHold } = await host.collectUnknown();
      expect(lawsHold).toBe(true);
      expect(counters.framesPublished).toBe(host.frames.size);
      await host.acquisition.connect(targetOf(server));
      await vi.waitUntil(async () => (await host.camera.readState()).state === 'idle');
      await host.start({ ...endless, series: 2, frameLimit: 3 });
      expect(await host.finish()).toMatchObject({ lawsHold: true, counters: { framesPublished: 3 } });
    },
  );

  it('tells registers, data and interrupts when the board is pulled out', async () => {
    const server = await opened.serve(virtualDevice(small));
    const host = await opened.connect(targetOf(server));
    const registersLost = new Promise((resolve) => (host.camera.onLost = resolve));
    await host.start(endless);
    await vi.waitUntil(() => host.frames.size > 2);
    const lost = lossOf(host);
    server.unplug();
    expect(await lost).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    expect(await registersLost).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await expect(host.camera.readState()).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    expect((await host.collectUnknown()).lawsHold).toBe(true);
  });

  it('is refused to a second program, which is told so', async () => {
    const server = await opened.serve(virtualDevice(small));
    await opened.connect(targetOf(server));
    await expect(opened.connect(targetOf(server))).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringContaining('another program'),
    });
  });
});

describe('nothing there', () => {
  it('says which node is missing and what to do', async () => {
    await expect(opened.connect({ kind: 'pcie', device: '/nowhere/xdma0' })).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: 'there is no /nowhere/xdma0_user',
      details: { action: expect.stringContaining('xdma driver') },
    });
  });
});
