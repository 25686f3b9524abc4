import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import {
  createDevice,
  defaultSimOptions,
  parseSimOptions,
  type SimOptions,
} from '../../src/camera-sim/index.js';
import type { Device } from '../../src/camera-sim/device.js';
import { createFramePlanes, type FramePlanes } from '../../src/camera-sim/frame-planes.js';
import { KernelCore } from '../../src/camera-sim/lifetime-core.js';
import { ChunkedOutlet } from '../../src/camera-sim/packet-outlet.js';
import type { RtlCamera } from '../../src/camera-sim/rtl/rtl-camera.js';
import { loadRtlAddon } from '../../src/camera-sim/rtl/rtl-addon.js';
import { FlimdClient, type LifetimeFrame, type WebSocketConstructor } from '../../src/client/index.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { fittingModel } from '../../src/lifetime/model-library.js';
import { createKernel } from '../../src/lifetime/native.js';
import {
  DeviceCommand,
  FlimdError,
  PacketType,
  type RegisterName,
  register,
  streamPlanes,
} from '../../src/protocol/index.js';
import { PacketCollector } from '../camera-sim/host.js';
import { FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';
import { GatedOutlet } from '../support/gated-outlet.js';
import { buildRtlAddon } from '../support/rtl-addon.js';
import { describeWithTool } from '../support/tools.js';

afterEach(stopAll);

const scene = { width: 32, height: 32, photons: 40, seed: 9, fps: 4 };
const options = (changes: Partial<SimOptions> = {}): SimOptions => ({
  ...defaultSimOptions(),
  ...scene,
  core: 'rtl',
  ...changes,
});

/** What core=native makes of a frame of the same scene; frames per second move the cells. */
async function nativeFrame(frame: number, fps = scene.fps): Promise<FramePlanes> {
  const source = createSceneSource(options({ fps }));
  const planes = createFramePlanes(source.width, source.height, source.bins, true);
  const model = await fittingModel({ ...source, modelHash: null });
  const core = new KernelCore(model, createKernel(model.network, planGates(model.timing, source)));
  source.begin(frame);
  source.expose(0, source.height, planes.histograms, { total: 0, peak: 0 });
  core.compute(planes, 0, source.height, core.minPhotons);
  return planes;
}

async function expectNative(frame: LifetimeFrame): Promise<void> {
  const expected = await nativeFrame(frame.frame);
  const { planes } = frame;
  expect(planes.meanLifetimeAmplitude).toEqual(expected.lifetimeAmplitude);
  expect(planes.meanLifetimeIntensity).toEqual(expected.lifetimeIntensity);
  expect(planes.photons).toEqual(expected.photons);
  expect(planes.standardErrorAmplitude).toEqual(expected.standardErrorAmplitude);
  expect(planes.standardErrorIntensity).toEqual(expected.standardErrorIntensity);
  expect(expected.lifetimeAmplitude.some((ps) => ps > 0)).toBe(true);
}

async function deviceRegisters(changes: Partial<SimOptions> = {}) {
  const { camera } = await createDevice(options(changes));
  const read = (name: RegisterName): number => camera.registers.read(register(name).address, 1)[0]!;
  const write = (name: RegisterName, value: number): void =>
    camera.registers.write(register(name).address, Uint32Array.of(value));
  const start = (series: number, frameLimit: number): void => {
    write('series', series);
    write('frameLimit', frameLimit);
    write('command', DeviceCommand.arm);
    write('command', DeviceCommand.start);
  };
  return { camera, read, write, start };
}

/** Until the device is idle, and what drives its clock, every millisecond at least, has seen that. */
async function idleForLong(read: (name: RegisterName) => number): Promise<void> {
  while (read('state') !== 0) await sleep(2);
  await sleep(50);
}

/** Until nobody drives the clock: what does drives it every millisecond at least. */
async function atRest(camera: Device): Promise<void> {
  const { cycles } = camera as RtlCamera;
  await sleep(20);
  if ((camera as RtlCamera).cycles !== cycles) await atRest(camera);
}

/** A device without a host around it: registers, and an outlet whose link takes chunks only while it is `open`. */
async function bareDevice(changes: Partial<SimOptions> = {}) {
  const { camera, read, write } = await deviceRegisters(changes);
  const collector = new PacketCollector();
  const held: ArrayBuffer[] = [];
  const link = { open: true };
  const outlet: ChunkedOutlet = new ChunkedOutlet(
    {
      transmit: (chunk, bytes) => {
        collector.push(new Uint8Array(chunk, 0, bytes));
        if (link.open) setImmediate(() => outlet.recycle(chunk));
        else held.push(chunk);
      },
    },
    2 * camera.maxPacketBytes,
    camera.maxPacketBytes,
  );
  const reopen = (): void => {
    link.open = true;
    for (const chunk of held.splice(0)) outlet.recycle(chunk);
  };
  const idle = async (): Promise<void> => {
    while (read('state') !== 0) await sleep(2);
    while (collector.ofType(PacketType.endOfSeries).length === 0) await sleep(2);
  };
  return { camera, read, write, collector, link, outlet, reopen, idle };
}

describeWithTool(['verilator', 'g++'], 'the bitstream’s Verilog as a camera', () => {
  beforeAll(buildRtlAddon, 240_000);

  it.each(['device', 'shadow'] as const)(
    'shows the daemon what core=native does, lifetimes by %s',
    async (mode) => {
      const camera = new URLSearchParams({
        core: 'rtl',
        ...Object.fromEntries(Object.entries(scene).map(([k, v]) => [k, String(v)])),
      });
      const daemon = await FlimdProcess.start([
        ...['serve', '--port', '0', '--camera', `sim:${camera.toString()}`, '--lifetime', mode],
      ]);
      const client = FlimdClient.connect({
        url: daemon.ready.url,
        webSocket: WebSocket as unknown as WebSocketConstructor,
        planes: streamPlanes.map(({ name }) => name),
      });
      for (let seen = 0; seen < 3; seen++) {
        const frame = await nextFrame(client, ({ complete }) => complete);
        expect(frame.source).toBe('device');
        expect(frame.mismatchedPixels).toBe(mode === 'shadow' ? 0 : null);
        await expectNative(frame);
      }
      client.close();
      expect(await daemon.stop()).toBe(0);
    },
  );

  it('drops whole frames under a link that stands still, and every frame it sends is the right one', async () => {
    const { camera, read, write, collector, link, outlet, reopen, idle } = await bareDevice({ fps: 10 });
    link.open = false;
    camera.attachData(outlet);
    write('series', 5);
    write('rowsPerPacket', 6);
    write('command', DeviceCommand.arm);
    write('command', DeviceCommand.start);
    while (read('framesDropped') < 3) await sleep(5);
    reopen();
    while (read('framesSent') < 4) await sleep(5);
    write('command', DeviceCommand.stop);
    await idle();
    const packets = collector.packets.filter(({ series }) => series === 5);
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, i) => i));
    const [end] = collector.ofType(PacketType.endOfSeries);
    const totals = [read('packetsSent'), read('framesSent'), read('framesDropped')];
    expect([...new Uint32Array(Uint8Array.from(end!.payload).buffer)]).toEqual(totals);
    expect(packets).toHaveLength(totals[0]!);
    const rowBytes = 32 * 64 * 2;
    for (const { frame, firstRow, rowCount, payload } of collector.ofType(PacketType.histograms)) {
      const { histograms } = await nativeFrame(frame, 10);
      const bytes = Buffer.from(histograms.buffer, firstRow * rowBytes, rowCount * rowBytes);
      expect(bytes.equals(payload)).toBe(true);
    }
    expect(read('linkStallCycles')).toBeGreaterThan(0);
    expect(read('errorFlags')).toBe(0);
  });

  it('ends a series that nobody reads any more, and runs the next', async () => {
    const { camera, read, write, collector, outlet, idle } = await bareDevice({ fps: 0 });
    camera.attachData(outlet);
    write('series', 1);
    write('command', DeviceCommand.arm);
    write('command', DeviceCommand.start);
    while (read('framesSent') < 2) await sleep(2);
    camera.detachData();
    while (read('state') !== 0) await sleep(2);
    expect(() => write('command', DeviceCommand.start)).toThrow('data channel');
    camera.attachData(outlet);
    write('series', 2);
    write('frameLimit', 2);
    write('command', DeviceCommand.arm);
    write('command', DeviceCommand.start);
    await idle();
    const numbers = collector.ofType(PacketType.endOfFrame).filter(({ series }) => series === 2);
    expect(numbers.map(({ frame }) => frame)).toEqual([0, 1]);
  });

  it('ends its series over a link that is full until long after', async () => {
    const { camera, read, start } = await deviceRegisters({ fps: 0 });
    const outlet = new GatedOutlet(camera.maxPacketBytes, { flush: () => (outlet.full = true) });
    camera.attachData(outlet);
    start(1, 1);
    await idleForLong(read);
    expect(outlet.collector.ofType(PacketType.endOfSeries)).toEqual([]);
    outlet.full = false;
    await outlet.collector.find(({ type }) => type === PacketType.endOfSeries);
    expect(outlet.collector.packets).toHaveLength(read('packetsSent'));
    await atRest(camera);
  });

  it('runs a series that is started as soon as the end of the one before has come', async () => {
    const { camera, read, start } = await deviceRegisters();
    // The first series ends behind a full link, which has room again before the clock has run on.
    const endBehindFullLink = (): void => {
      for (let look = 0; look < 10_000 && read('state') !== 0; look++);
      outlet.full = false;
    };
    let started = 1;
    const outlet: GatedOutlet = new GatedOutlet(camera.maxPacketBytes, {
      flush: () => {
        if (started > 1) return;
        outlet.full = true;
        queueMicrotask(endBehindFullLink);
      },
      endSeries: () => {
        if (started++ === 1) queueMicrotask(() => start(2, 3));
      },
    });
    camera.attachData(outlet);
    start(1, 1);
    await outlet.collector.find(({ type, series }) => series === 2 && type === PacketType.endOfSeries);
    expect(read('framesSent') + read('framesDropped')).toBe(3);
    const ends = outlet.collector.ofType(PacketType.endOfSeries);
    expect(ends.map(({ series }) => series)).toEqual([1, 2]);
  });

  it.each([
    ['after its series', 1],
    ['while its series runs', 0],
  ])('keeps nothing for the next host of one that goes before a full link, %s', async (_, frameLimit) => {
    const { camera, read, start } = await deviceRegisters({ fps: 0 });
    const left = new GatedOutlet(camera.maxPacketBytes, { flush: () => (left.full = true) });
    camera.attachData(left);
    start(1, frameLimit);
    await left.collector.find(({ type }) => type === PacketType.endOfFrame);
    if (frameLimit > 0) await idleForLong(read);
    camera.detachData();
    await atRest(camera);
    expect(read('state')).toBe(0);
    const next = new GatedOutlet(camera.maxPacketBytes, {});
    camera.attachData(next);
    start(2, 1);
    await next.collector.find(({ type }) => type === PacketType.endOfSeries);
    expect(next.collector.packets.map(({ series }) => series)).toEqual(next.collector.packets.map(() => 2));
    expect(next.collector.packets).toHaveLength(read('packetsSent'));
  });

  it('says in words what it refuses', async () => {
    const { camera, write } = await bareDevice();
    expect(() => write('width', 8)).toThrow('register width is read-only');
    expect(() => write('output', 0)).toThrow('refuses to write 0 to output');
    expect(() => write('histogramSource', 1)).toThrow('no histograms to inject');
    expect(() => camera.registers.read(0xf00, 1)).toThrow('no register at address 0xf00');
    expect(() => camera.registers.read(0xffc, 2)).toThrow('no register at address 0x1000');
    expect(() => camera.registers.read(register('command').address, 1)).toThrow('cannot be read');
    expect(() => camera.registers.read(2, 1)).toThrow('multiple of 4');
    expect(() => camera.registers.read(0, 0)).toThrow('1 to 256');
    expect(() => write('command', DeviceCommand.arm)).toThrow('refuses to write 1 to command');
  });

  it.each([
    [{ width: 30 }, 'multiples of 4'],
    [{ width: 512, height: 512 }, 'bins a frame'],
    [{ width: 64, height: 8, bins: 2048, binWidthPs: 6 }, 'a row'],
  ])('cannot be a camera of %o', async (shape, words) => {
    const error = await createDevice(options({ outputs: 'histograms', ...shape })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FlimdError);
    expect((error as FlimdError).code).toBe('FLIMD_E_CONFIG');
    expect(JSON.stringify(error)).toContain(words);
  });

  it('says what to do where it was not built', () => {
    expect(() => loadRtlAddon('./nowhere.node')).toThrow(
      expect.objectContaining({
        code: 'FLIMD_E_NATIVE_MISSING',
        details: expect.objectContaining({ action: expect.stringContaining('npm run build:rtl') }),
      }),
    );
  });

  it('knows no other core', () => {
    expect(() => parseSimOptions({ core: 'vhdl' })).toThrow(
      expect.objectContaining({
        code: 'FLIMD_E_CONFIG',
        details: expect.objectContaining({ value: 'vhdl' }),
      }),
    );
  });
});
