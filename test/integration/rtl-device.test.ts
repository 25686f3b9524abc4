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
import { createFramePlanes, type FramePlanes } from '../../src/camera-sim/frame-planes.js';
import { KernelCore } from '../../src/camera-sim/lifetime-core.js';
import { ChunkedOutlet } from '../../src/camera-sim/packet-outlet.js';
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

/** A device without a host around it: registers, and an outlet whose link takes chunks only while it is `open`. */
async function bareDevice(changes: Partial<SimOptions> = {}) {
  const { camera } = await createDevice(options(changes));
  const read = (name: RegisterName): number => camera.registers.read(register(name).address, 1)[0]!;
  const write = (name: RegisterName, value: number): void =>
    camera.registers.write(register(name).address, Uint32Array.of(value));
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
