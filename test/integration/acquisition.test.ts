import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Acquisition, type PublishedFrame } from '../../src/acquisition/acquisition.js';
import type { AcquisitionLimits } from '../../src/acquisition/acquisition-options.js';
import { serveMemory } from '../../src/camera-sim/memory-device.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { Camera } from '../../src/camera/camera.js';
import { createMemoryLink, type LinkTarget } from '../../src/link/index.js';
import { DeviceOutput } from '../../src/protocol/registers.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { virtualDevice, type VirtualDeviceOptions } from '../support/virtual-device.js';

const size = { width: 16, height: 16, bins: 8 };
const lifetimes = { lifetimes: true, standardErrors: false, histograms: false };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startAcquisition(limits: Partial<AcquisitionLimits> = {}): Promise<Acquisition> {
  const acquisition = await Acquisition.start(limits);
  closing.push(() => acquisition.close());
  return acquisition;
}

async function overTcp(device = virtualDevice()): Promise<LinkTarget> {
  const server = await SimServer.listen(device, '127.0.0.1', 0);
  closing.push(() => server.close());
  return { kind: 'tcp', host: '127.0.0.1', port: server.address.port };
}

async function overMemory(device = virtualDevice()): Promise<LinkTarget> {
  const { target, device: ports } = createMemoryLink();
  serveMemory(device, ports.control, ports.data);
  closing.push(() => {
    ports.control.close();
    ports.data.close();
  });
  return target;
}

const fast: VirtualDeviceOptions = { fps: 0, cacheFrames: 4 };
const links = [
  ['TCP', overTcp],
  ['memory', overMemory],
] as const;

/** An acquisition and a camera on the same device. */
async function connect(target: LinkTarget, limits?: Partial<AcquisitionLimits>) {
  const acquisition = await startAcquisition(limits);
  const camera = await Camera.open(target);
  closing.push(() => camera.close());
  await acquisition.connect(target);
  return { acquisition, camera };
}

async function finalCounters(acquisition: Acquisition, camera: Camera): Promise<RunCounters> {
  const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
  return acquisition.endSeries({ packetsSent, framesSent, framesDroppedByDevice: framesDropped });
}

describe.each(links)('Acquisition in its thread, over %s', (_, open) => {
  it('brings every frame of a series into shared memory before the series ends', async () => {
    const { acquisition, camera } = await connect(await open(virtualDevice(fast)), { poolSlots: 64 });
    const frames: number[] = [];
    const ended = vi.fn();
    acquisition.on('endOfSeries', ended);
    const pool = await acquisition.beginSeries({ series: 4, geometry: size, expect: lifetimes });
    acquisition.on(
      'frame',
      ({ slot, frame, complete, hasLifetimes, hasHistograms, startTicks, endTicks }) => {
        frames.push(frame);
        expect({ complete, hasLifetimes, hasHistograms }).toEqual({
          complete: true,
          hasLifetimes: true,
          hasHistograms: false,
        });
        expect(endTicks).toBeGreaterThanOrEqual(startTicks);
        expect(pool.slots[slot]!.device.photons.some((count) => count > 0)).toBe(true);
        acquisition.release(slot);
      },
    );
    await camera.arm({ series: 4, output: DeviceOutput.lifetimes, frameLimit: 30, framePeriodUs: 2000 });
    await camera.start();
    await vi.waitUntil(() => ended.mock.calls.length > 0);
    const counters = await finalCounters(acquisition, camera);
    expect(frames).toEqual(Array.from({ length: 30 }, (_, i) => i));
    // 91 packets, and one of telemetry for every second it took.
    const packets = counters.packetsSent!;
    expect(packets).toBeGreaterThanOrEqual(91);
    expect(ended).toHaveBeenCalledWith({ series: 4, packets, framesSent: 30, framesDropped: 0 });
    expect(counters).toMatchObject({ packetsReceived: packets, packetsLost: 0, framesPublished: 30 });
  });

  it('stops an endless series with nothing lost, again and again, in the same buffers', async () => {
    const { acquisition, camera } = await connect(await open(virtualDevice(fast)), { poolSlots: 64 });
    acquisition.on('frame', ({ slot }) => acquisition.release(slot));
    let memory: unknown = null;
    for (const series of [1, 2, 3]) {
      const pool = await acquisition.beginSeries({ series, geometry: size, expect: lifetimes });
      memory ??= pool.slots[0]!.rowsValid.buffer;
      expect(pool.slots[0]!.rowsValid.buffer).toBe(memory);
      await camera.arm({ series, output: DeviceOutput.lifetimes, frameLimit: 0, framePeriodUs: 3000 });
      await camera.start();
      await new Promise((resolve) => setTimeout(resolve, 60));
      await camera.stop();
      await vi.waitUntil(async () => (await camera.readState()).state === 'idle');
      const counters = await finalCounters(acquisition, camera);
      expect(counters).toMatchObject({
        packetsLost: 0,
        packetsForeign: 0,
        framesPartial: 0,
        framesMissing: 0,
      });
      expect(counters.framesPublished).toBeGreaterThan(0);
      expect(counters.packetsReceived).toBe(counters.packetsSent);
    }
  });

  it('reports counters and telemetry while a series runs', async () => {
    const { acquisition, camera } = await connect(await open(virtualDevice(fast)));
    const counters: RunCounters[] = [];
    const telemetry: Uint32Array[] = [];
    acquisition.on('counters', (each) => counters.push(each));
    acquisition.on('telemetry', (words) => telemetry.push(words));
    acquisition.on('frame', ({ slot }) => acquisition.release(slot));
    await acquisition.beginSeries({ series: 1, geometry: size, expect: lifetimes });
    await camera.arm({ series: 1, output: DeviceOutput.lifetimes, frameLimit: 0, framePeriodUs: 10_000 });
    await camera.start();
    await vi.waitUntil(() => telemetry.length > 0 && counters.length > 2, { timeout: 10_000 });
    expect(telemetry[0]).toHaveLength(5);
    expect(counters[2]!.framesPublished).toBeGreaterThan(counters[0]!.framesPublished);
    expect(counters[2]!.packetsSent).toBeNull();
    await camera.abort();
    const last = await acquisition.abortSeries();
    expect(last.framesReceived).toBe(last.framesPublished + last.framesRejected);
  });

  it('says that the data channel is taken', async () => {
    const device = virtualDevice(fast);
    await connect(await open(device));
    const second = await startAcquisition();
    await expect(second.connect(await open(device))).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      message: expect.stringContaining('another host'),
    });
  });
});

describe('Acquisition whose reader is slow', () => {
  it('drops frames for want of a buffer, counts them, and never touches one that is being read', async () => {
    const { acquisition, camera } = await connect(await overTcp(virtualDevice(fast)), { poolSlots: 6 });
    const held: PublishedFrame[] = [];
    acquisition.on('frame', (frame) => held.push(frame));
    const pool = await acquisition.beginSeries({ series: 1, geometry: size, expect: lifetimes });
    await camera.arm({ series: 1, output: DeviceOutput.lifetimes, frameLimit: 20, framePeriodUs: 1000 });
    await camera.start();
    await vi.waitUntil(() => held.length === 6);
    const before = held.map(({ slot }) => pool.slots[slot]!.device.photons.slice());
    await vi.waitUntil(async () => (await camera.readState()).state === 'idle');
    const counters = await finalCounters(acquisition, camera);
    expect(counters).toMatchObject({
      framesReceived: 20,
      framesPublished: 6,
      framesDropped: 14,
      poolHighWater: 6,
    });
    expect(held.map(({ slot }) => pool.slots[slot]!.device.photons)).toEqual(before);

    const larger = { series: 2, geometry: { ...size, height: 32 }, expect: lifetimes };
    await expect(acquisition.beginSeries(larger)).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    for (const { slot } of held) acquisition.release(slot);
    expect((await acquisition.beginSeries(larger)).slots[0]!.rowsValid).toHaveLength(32);
    await acquisition.abortSeries();
  });

  it('is told when it releases what it does not have', async () => {
    const acquisition = await startAcquisition();
    await acquisition.beginSeries({ series: 1, geometry: size, expect: lifetimes });
    expect(() => acquisition.release(0)).toThrow(expect.objectContaining({ code: 'FLIMD_E_INTERNAL' }));
    expect(() => acquisition.release(99)).toThrow(expect.objectContaining({ code: 'FLIMD_E_INTERNAL' }));
  });
});

describe('Acquisition without a camera', () => {
  it('answers that it is alive, while a connection is being made too', async () => {
    const acquisition = await startAcquisition();
    // The other end accepts and never says anything.
    const silent = createServer().listen(0, '127.0.0.1');
    closing.push(() => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const settled = vi.fn();
    void acquisition.connect({ kind: 'tcp', host: '127.0.0.1', port }).then(settled, settled);
    await once(silent, 'connection');
    await acquisition.ping();
    expect(settled).not.toHaveBeenCalled();
  });

  it('passes on why a connection failed, with its code and advice', async () => {
    const acquisition = await startAcquisition();
    const target = await overTcp();
    await closing.pop()!();
    await expect(acquisition.connect(target)).rejects.toMatchObject({
      name: 'FlimdError',
      code: 'FLIMD_E_LINK_OPEN',
      details: { action: expect.stringContaining('flimd sim') },
    });
  });

  it('gives up on a port at which nobody listens', async () => {
    const acquisition = await startAcquisition({ attachTimeoutMs: 50 });
    const { port1 } = new MessageChannel();
    await expect(acquisition.connect({ kind: 'memory', data: port1 })).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_TIMEOUT',
    });
  });

  it('refuses to end what has not begun, and frames that do not fit the memory', async () => {
    const acquisition = await startAcquisition({ poolBytes: 100_000 });
    const none = { packetsSent: 0, framesSent: 0, framesDroppedByDevice: 0 };
    await expect(acquisition.endSeries(none)).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    await expect(acquisition.abortSeries()).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    await expect(
      acquisition.beginSeries({
        series: 1,
        geometry: { width: 128, height: 128, bins: 64 },
        expect: lifetimes,
      }),
    ).rejects.toMatchObject({ code: 'FLIMD_E_CONFIG' });
  });

  it('delivers at once what a series has when the link is lost', async () => {
    const server = await SimServer.listen(virtualDevice(fast), '127.0.0.1', 0);
    const target: LinkTarget = { kind: 'tcp', host: '127.0.0.1', port: server.address.port };
    const { acquisition, camera } = await connect(target);
    const lost = vi.fn();
    acquisition.on('lost', lost);
    acquisition.on('frame', ({ slot }) => acquisition.release(slot));
    await acquisition.beginSeries({ series: 1, geometry: size, expect: lifetimes });
    await camera.arm({ series: 1, output: DeviceOutput.lifetimes, frameLimit: 0, framePeriodUs: 2000 });
    await camera.start();
    const some = await new Promise<RunCounters>((resolve) => acquisition.once('counters', resolve));
    await server.close();
    await vi.waitUntil(() => lost.mock.calls.length > 0);
    const counters = await acquisition.endSeries({
      packetsSent: null,
      framesSent: 0,
      framesDroppedByDevice: 0,
    });
    expect(counters.packetsSent).toBeNull();
    expect(counters.framesPublished).toBeGreaterThanOrEqual(some.framesPublished);
    expect(counters.framesReceived).toBe(counters.framesPublished + counters.framesRejected);
  });
});
