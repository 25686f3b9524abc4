import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { Camera, type CameraOptions } from '../../src/camera/camera.js';
import { RegisterBus } from '../../src/camera/register-bus.js';
import { telemetryFromWords } from '../../src/camera/telemetry.js';
import { openDataChannel, type TcpTarget } from '../../src/link/index.js';
import { encodeAttach, encodePacket, LinkChannel, PacketType } from '../../src/protocol/packet.js';
import { DeviceError, DeviceOutput, register } from '../../src/protocol/registers.js';
import { virtualDevice } from '../support/virtual-device.js';
import { refusal, reply, ScriptedCamera } from './scripted-camera.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function virtualCamera(options: CameraOptions = {}) {
  const server = await SimServer.listen(
    virtualDevice({ binWidthPs: 195.3125, fps: 0, cacheFrames: 2 }),
    '127.0.0.1',
    0,
  );
  closing.push(() => server.close());
  const target: TcpTarget = { kind: 'tcp', host: '127.0.0.1', port: server.address.port };
  const camera = await Camera.open(target, options);
  closing.push(() => camera.close());
  return { camera, target };
}

/** Reads and throws away what the camera sends, as long as the test runs. */
async function drainData(target: TcpTarget): Promise<void> {
  const room = new Uint8Array(65536);
  const sink = { reserve: () => room, commit: () => {}, take: () => {} };
  const channel = await openDataChannel(target, encodeAttach(LinkChannel.data), sink, () => {});
  closing.push(() => channel.close());
}

async function scripted(): Promise<ScriptedCamera> {
  const camera = await ScriptedCamera.start();
  closing.push(() => camera.close());
  return camera;
}

const quick: CameraOptions = { requestTimeoutMs: 60 };

describe('Camera over a link to the virtual camera', () => {
  it('reads what the camera says about itself', async () => {
    const { camera } = await virtualCamera({ uri: 'tcp:bench:9870' });
    expect(camera.description).toEqual({
      uri: 'tcp:bench:9870',
      kind: 'virtual',
      serial: 'SIM-TEST',
      firmware: '1.2.3',
      bitstreamId: '5a'.repeat(16),
      width: 16,
      height: 16,
      bins: 8,
      binWidthPs: 195.313,
      laserPeriodPs: 12500,
      outputs: ['lifetimes', 'histograms'],
      modelHash: '0102030405060708',
      tickHz: expect.any(Number),
    });
  });

  it('arms, starts and runs to the frame limit, with the settings it was given', async () => {
    const { camera, target } = await virtualCamera();
    await drainData(target);
    expect(await camera.readState()).toEqual({ state: 'idle', fault: 'none' });
    await camera.arm({
      series: 77,
      output: DeviceOutput.lifetimes,
      frameLimit: 3,
      framePeriodUs: 0,
      rowsPerPacket: 4,
      minPhotons: 5,
    });
    expect((await camera.readState()).state).toBe('armed');
    await camera.start();
    await vi.waitUntil(async () => (await camera.readState()).state === 'idle');
    const { packetsSent, ...frames } = await camera.readCounters();
    expect(frames).toEqual({ framesSent: 3, framesDropped: 0 });
    // Three frames of four packets and an end each, the end of the series, and telemetry every second.
    expect(packetsSent).toBeGreaterThanOrEqual(16);
  });

  it('stops an endless series, and aborts one, and disarms', async () => {
    const { camera, target } = await virtualCamera();
    await drainData(target);
    const endless = { series: 1, output: DeviceOutput.histograms, frameLimit: 0 };
    for (const end of ['stop', 'abort'] as const) {
      await camera.arm(endless);
      await camera.start();
      expect((await camera.readState()).state).toBe('acquiring');
      await camera[end]();
      await vi.waitUntil(async () => (await camera.readState()).state === 'idle');
    }
    await camera.arm(endless);
    await camera.disarm();
    expect((await camera.readState()).state).toBe('idle');
  });

  it('passes on why the camera refuses', async () => {
    const { camera } = await virtualCamera();
    await expect(camera.start()).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      details: { value: expect.stringContaining('idle') },
    });
    await expect(
      camera.arm({ series: 0, output: DeviceOutput.histograms, frameLimit: 1 }),
    ).rejects.toMatchObject({ code: 'FLIMD_E_LINK_REFUSED' });
    expect((await camera.readState()).state).toBe('idle');
  });

  it('refuses a second host, and says that there is one', async () => {
    const { target } = await virtualCamera();
    await expect(Camera.open(target)).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      message: expect.stringContaining('another host'),
    });
  });

  it('reads telemetry in units, by register and from the words of a packet', async () => {
    const { camera } = await virtualCamera();
    const telemetry = await camera.telemetry();
    expect(telemetry.temperatureC).toBeGreaterThan(20);
    expect(telemetry.temperatureC).toBeLessThan(40);
    expect(telemetry.laserRateHz).toBe(80_000_000);
    expect(telemetryFromWords(Uint32Array.of(-5500 >>> 0, 24_500, 3, 4, 5))).toEqual({
      temperatureC: -5.5,
      biasV: 24.5,
      photonRateHz: 3,
      peakPixelRateHz: 4,
      laserRateHz: 5,
    });
    expect(telemetryFromWords(Uint32Array.of(1, 2, 3, 4))).toBeNull();
  });

  it('maps the device clock onto the host clock within its stated uncertainty', async () => {
    const { camera } = await virtualCamera();
    const bus = (camera as unknown as { bus: RegisterBus }).bus;
    const before = performance.timeOrigin + performance.now();
    const [low, high] = await bus.read(register('ticks').address, 2);
    const after = performance.timeOrigin + performance.now();
    const mapped = camera.deviceTicksToUnixMs(low! + high! * 2 ** 32);
    expect(mapped).toBeGreaterThan(before - camera.clockUncertaintyMs);
    expect(mapped).toBeLessThan(after + camera.clockUncertaintyMs);
    expect(camera.clockUncertaintyMs).toBeLessThan(1000);
  });
});

describe('Camera that cannot do what is asked', () => {
  it('is not armed for an output it does not offer', async () => {
    const device = await scripted();
    device.registers.set('outputs', DeviceOutput.histograms);
    const camera = await Camera.open(device.target);
    closing.push(() => camera.close());
    expect(camera.description).toMatchObject({ outputs: ['histograms'], modelHash: null, kind: 'fpga' });
    await expect(
      camera.arm({ series: 1, output: DeviceOutput.lifetimes | DeviceOutput.histograms, frameLimit: 0 }),
    ).rejects.toMatchObject({
      code: 'FLIMD_E_CAPABILITY',
      details: { value: ['lifetimes'], expected: 'histograms', action: expect.stringContaining('host') },
    });
  });

  it.each([
    ['mapMagic', 0x12345678],
    ['mapVersion', 2],
    ['packetVersion', 9],
  ] as const)('is refused for another %s', async (name, value) => {
    const device = await scripted();
    device.registers.set(name, value);
    await expect(Camera.open(device.target)).rejects.toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA' });
  });

  it.each(['width', 'height', 'bins', 'outputs', 'tickHz', 'binWidthFs', 'laserPeriodFs'] as const)(
    'is refused for %s 0',
    async (name) => {
      const device = await scripted();
      device.registers.set(name, 0);
      await expect(Camera.open(device.target)).rejects.toMatchObject({
        code: 'FLIMD_E_DEVICE',
        message: expect.stringContaining(name),
      });
    },
  );

  it('tells what went wrong inside, by name, and clears it when it arms', async () => {
    const device = await scripted();
    device.registers.setBytes('sourceRevision', Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3));
    device.registers.set('errorFlags', (DeviceError.eventsLost | (1 << 31)) >>> 0);
    device.registers.set('eventsDropped', 9);
    const camera = await Camera.open(device.target);
    closing.push(() => camera.close());
    expect(await camera.readDiagnostics()).toEqual({
      sourceRevision: 'deadbeef00010203',
      errors: ['eventsLost', 'bit31'],
      linkStallCycles: 0,
      eventsDropped: 9,
      eventsSaturated: 0,
    });
    await camera.arm({ series: 1, output: DeviceOutput.lifetimes, frameLimit: 0 });
    expect((await camera.readDiagnostics())?.errors).toEqual([]);
  });

  it('takes a camera without diagnostics as it is', async () => {
    const device = await scripted();
    const diagnostics = register('sourceRevision').address;
    device.script = ({ header, payload }) =>
      payload.byteLength >= 8 && payload.getUint32(0, true) >= diagnostics
        ? refusal(header.sequence, 'no register at that address')
        : undefined;
    const camera = await Camera.open(device.target);
    closing.push(() => camera.close());
    expect(await camera.readDiagnostics()).toBeNull();
    await camera.arm({ series: 1, output: DeviceOutput.lifetimes, frameLimit: 0 });
  });

  it('shows a state that nobody knows as a fault of the device', async () => {
    const device = await scripted();
    const camera = await Camera.open(device.target);
    closing.push(() => camera.close());
    device.registers.set('state', 17);
    await expect(camera.readState()).rejects.toMatchObject({
      code: 'FLIMD_E_DEVICE',
      details: { value: 17 },
    });
  });
});

describe('RegisterBus', () => {
  it('knows at once that a web server is no camera', async () => {
    const server = createHttpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const target: TcpTarget = {
      kind: 'tcp',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
    };
    await expect(RegisterBus.open(target)).rejects.toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA' });
  });

  it('gives up on a camera that accepts and says nothing', async () => {
    const device = await scripted();
    device.script = () => 'silence';
    await expect(RegisterBus.open(device.target, quick)).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_TIMEOUT',
    });
  });

  it('says that the camera hung up instead of answering', async () => {
    const device = await scripted();
    device.script = () => 'hang up';
    await expect(RegisterBus.open(device.target)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });

  async function open() {
    const device = await scripted();
    const bus = await RegisterBus.open(device.target, quick);
    closing.push(() => bus.close());
    return { device, bus };
  }

  it('gives every answer to its own question, in whatever order they come', async () => {
    const { device, bus } = await open();
    const held: Uint8Array[] = [];
    device.script = ({ header, payload }) => {
      const address = payload.getUint32(0, true);
      held.unshift(reply(header.sequence, address, [address * 10]));
      return held.length < 3 ? 'silence' : Buffer.concat(held);
    };
    const answers = await Promise.all([bus.read(1, 1), bus.read(2, 1), bus.read(3, 1)]);
    expect(answers.map(([value]) => value)).toEqual([10, 20, 30]);
  });

  it('times out one request without harm to others, and ignores an answer that comes too late', async () => {
    const { device, bus } = await open();
    let late: Uint8Array | null = null;
    device.script = ({ header, payload }) => {
      const address = payload.getUint32(0, true);
      if (address !== 4) return reply(header.sequence, address, [1]);
      late = reply(header.sequence, address, [1]);
      return 'silence';
    };
    const slow = bus.read(4, 1);
    expect([...(await bus.read(8, 1))]).toEqual([1]);
    await expect(slow).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_TIMEOUT',
      message: expect.stringContaining('read at 0x004'),
    });
    device.send(late!);
    expect([...(await bus.read(8, 1))]).toEqual([1]);
  });

  it('passes on a refusal with its reason', async () => {
    const { device, bus } = await open();
    device.script = ({ header }) => refusal(header.sequence, 'register serial is read-only');
    await expect(bus.write(0x10, [1])).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      details: { value: 'register serial is read-only' },
    });
  });

  it('writes words as they are', async () => {
    const { device, bus } = await open();
    await bus.write(register('series').address, [0xfedcba98, 7]);
    expect([device.registers.get('series'), device.registers.get('frameLimit')]).toEqual([0xfedcba98, 7]);
  });

  it('does not take an answer of the wrong length', async () => {
    const { device, bus } = await open();
    device.script = ({ header }) => reply(header.sequence, 0, [1, 2]);
    await expect(bus.read(0, 3)).rejects.toMatchObject({ code: 'FLIMD_E_DEVICE' });
    device.script = ({ header }) =>
      encodePacket({ type: PacketType.registerReply, sequence: header.sequence });
    await expect(bus.read(0, 3)).rejects.toMatchObject({ code: 'FLIMD_E_DEVICE' });
  });

  it('rejects everything that waits when the link breaks, tells it once, and refuses later requests', async () => {
    const { device, bus } = await open();
    const onLost = vi.fn();
    bus.onLost = onLost;
    device.script = () => 'silence';
    const waiting = Promise.allSettled([bus.read(0, 1), bus.read(4, 1), bus.write(8, [1])]);
    device.hangUp();
    const lost = { status: 'rejected', reason: { code: 'FLIMD_E_LINK_LOST' } };
    expect(await waiting).toMatchObject([lost, lost, lost]);
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(onLost.mock.calls[0]![0]).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await expect(bus.read(0, 1)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });

  it('rejects what waits when it is closed, and does not call that a loss', async () => {
    const { device, bus } = await open();
    bus.onLost = () => expect.unreachable();
    device.script = () => 'silence';
    const waiting = expect(bus.read(0, 1)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await bus.close();
    await waiting;
  });
});
