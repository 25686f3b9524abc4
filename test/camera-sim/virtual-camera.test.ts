import { describe, expect, it } from 'vitest';
import { FrameRenderer, type PhotonSource, type PhotonTally } from '../../src/camera-sim/frame-renderer.js';
import type { PacketOutlet } from '../../src/camera-sim/packet-outlet.js';
import { VirtualCamera } from '../../src/camera-sim/virtual-camera.js';
import {
  crc32c,
  DeviceCommand,
  DeviceError,
  DeviceOutput,
  DeviceState,
  HistogramSource,
  PacketType,
  register,
  registerBlocks,
  type RegisterName,
} from '../../src/protocol/index.js';
import { FakeTime } from './fake-time.js';
import { PacketCollector } from './host.js';

const TICKS_PER_MS = 100_000;

/** Photons that tell frame, row and bin apart; a frame takes as long as the test says. */
class NumberedPhotons implements PhotonSource {
  readonly width = 6;
  readonly height = 5;
  readonly bins = 4;
  readonly binWidthPs = 3000;
  readonly laserPeriodPs = 12_500;
  durationMs: (frame: number) => number = () => 0;
  private frame = 0;

  constructor(private readonly time: FakeTime) {}

  begin(frame: number): void {
    this.frame = frame;
    this.time.pass(this.durationMs(frame));
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const perRow = this.width * this.bins;
    for (let i = firstRow * perRow; i < (firstRow + rowCount) * perRow; i++) {
      histograms[i] = this.frame * 1000 + i;
    }
    tally.total += rowCount * 100;
    tally.peak = Math.max(tally.peak, this.frame);
  }
}

/** An outlet whose room the test decides. */
class TestOutlet implements PacketOutlet {
  readonly collector = new PacketCollector();
  readonly capacity = 100_000;
  onRoom: () => void = () => {};
  room = this.capacity;
  private readonly packet = new Uint8Array(65_536);

  reserve(bytes: number): Uint8Array {
    return this.packet.subarray(0, bytes);
  }

  commit(bytes: number): void {
    this.collector.push(this.packet.slice(0, bytes));
  }

  flush(): void {}
  endSeries(): void {}
}

function build(framePeriodUs = 10_000) {
  const time = new FakeTime();
  const source = new NumberedPhotons(time);
  const camera = new VirtualCamera({
    identity: { serial: 'TEST-1', bitstreamId: new Uint8Array(16).fill(7), firmwareVersion: 0x010203 },
    renderer: new FrameRenderer(source, null, 0),
    outputs: DeviceOutput.histograms,
    framePeriodUs,
    time,
    crc: crc32c,
  });
  const outlet = new TestOutlet();
  camera.attachData(outlet);
  const { registers } = camera;
  const write = (name: RegisterName, ...values: number[]) =>
    registers.write(register(name).address, Uint32Array.from(values));
  const read = (name: RegisterName) => registers.read(register(name).address, register(name).words)[0]!;
  const start = (frameLimit: number) => {
    write('series', 1);
    write('frameLimit', frameLimit);
    write('command', DeviceCommand.arm);
    write('command', DeviceCommand.start);
  };
  const ended = () => outlet.collector.find((packet) => packet.type === PacketType.endOfSeries);
  return { time, source, camera, outlet, registers, write, read, start, ended };
}

const ticksOf = (payload: Uint8Array, at: number): number =>
  Number(new DataView(payload.buffer).getBigUint64(at, true));

describe('registers of the virtual camera', () => {
  it('can all be read but the write-only one, at their addresses and lengths', () => {
    const { registers } = build();
    for (const { name, address, words, access } of registerBlocks.flatMap((block) => [...block.registers])) {
      if ((access as string) === 'wo') {
        expect(() => registers.read(address, words)).toThrow(`register ${name} cannot be read`);
      } else {
        expect(registers.read(address, words).length).toBe(words);
      }
    }
  });

  it('describe the device', () => {
    const { read, registers } = build();
    expect([read('width'), read('height'), read('bins'), read('binWidthFs')]).toEqual([6, 5, 4, 3_000_000]);
    expect(read('laserRateHz')).toBe(80_000_000);
    expect(Buffer.from(registers.read(register('serial').address, 4).buffer).toString()).toBe(
      'TEST-1'.padEnd(16, '\0'),
    );
    expect(read('mapMagic')).toBe(Buffer.from('FLMR').readUInt32LE());
  });

  it('refuse addresses that are none', () => {
    const { registers } = build();
    expect(() => registers.read(0x3c, 1)).toThrow('no register at address 0x03c');
    expect(() => registers.read(0x30, 2)).toThrow('no register at address 0x034');
    expect(() => registers.read(0x41, 1)).toThrow('not a multiple of 4');
    expect(() => registers.read(0xffff_fffc, 1)).toThrow('no register');
    expect(() => registers.read(0x40, 0)).toThrow('0 words');
    expect(() => registers.read(0x40, 257)).toThrow('257 words');
  });

  it('refuse writes against their access, and take a burst whole or not at all', () => {
    const { write, read, registers } = build();
    expect(() => write('width', 7)).toThrow('register width is read-only');
    write('series', 5);
    // output (allowed), series (allowed), frameLimit (allowed), …; beyond histogramSource there is nothing.
    expect(() => registers.write(register('output').address, Uint32Array.of(2, 9, 9, 9, 0, 0))).toThrow(
      'no register',
    );
    expect(read('series')).toBe(5);
    registers.write(register('output').address, Uint32Array.of(2, 9, 3, 4));
    expect([read('series'), read('frameLimit'), read('rowsPerPacket')]).toEqual([9, 3, 4]);
  });

  it('clear sticky bits that are written as 1, also while armed', () => {
    const { write, read, registers } = build();
    registers.set('errorFlags', DeviceError.eventsLost | DeviceError.binSaturated);
    write('series', 1);
    write('command', DeviceCommand.arm);
    write('errorFlags', DeviceError.binSaturated);
    expect(read('errorFlags')).toBe(DeviceError.eventsLost);
  });

  it('refuse injected histograms: there is no injector', () => {
    expect(() => build().write('histogramSource', HistogramSource.injected)).toThrow('no injector');
  });

  it('refuse values that the device cannot take', () => {
    const { write } = build();
    expect(() => write('output', 0)).toThrow('output must have a bit set');
    expect(() => write('output', DeviceOutput.lifetimes)).toThrow('this device has no network');
    expect(() => write('output', 8 | DeviceOutput.histograms)).toThrow('output 10 is not possible');
    expect(() => write('rowsPerPacket', 0)).toThrow('at least 1');
    expect(() => write('command', 99)).toThrow('there is no command 99');
    expect(() => write('command', DeviceCommand.arm)).toThrow('series must not be 0');
  });

  it('latch the high word of the clock with the low one', () => {
    const { time, registers } = build();
    const { address } = register('ticks');
    time.pass(60_000);
    const low = registers.read(address, 1)[0]!;
    time.pass(60_000);
    const high = registers.read(address + 4, 1)[0]!;
    expect(high * 2 ** 32 + low).toBe(60_000 * TICKS_PER_MS);
  });
});

describe('states of the virtual camera', () => {
  it('go idle → armed → acquiring → idle, with configuration locked in between', async () => {
    const { write, read, start, ended } = build();
    write('series', 3);
    write('command', DeviceCommand.arm);
    expect(read('state')).toBe(DeviceState.armed);
    expect(() => write('frameLimit', 2)).toThrow('register frameLimit is read-only while armed');
    write('command', DeviceCommand.disarm);
    start(2);
    expect(read('state')).toBe(DeviceState.acquiring);
    await ended();
    expect(read('state')).toBe(DeviceState.idle);
  });

  it('refuse commands that are not possible', () => {
    const { write, start } = build();
    expect(() => write('command', DeviceCommand.start)).toThrow('start is not possible while idle');
    start(0);
    expect(() => write('command', DeviceCommand.arm)).toThrow('possible: stop, abort');
    expect(() => write('command', DeviceCommand.disarm)).toThrow('disarm is not possible while acquiring');
  });

  it('do not start without anybody to take the data', () => {
    const { camera, write, read } = build();
    camera.detachData();
    write('series', 1);
    write('command', DeviceCommand.arm);
    expect(() => write('command', DeviceCommand.start)).toThrow('no data channel is attached');
    expect(read('state')).toBe(DeviceState.armed);
  });

  it('lower rowsPerPacket to the image when armed', () => {
    const { write, read } = build();
    write('rowsPerPacket', 1000);
    write('series', 1);
    write('command', DeviceCommand.arm);
    expect(read('rowsPerPacket')).toBe(5);
  });

  it.each(['stop', 'abort'] as const)('%s ends an unlimited series with its counts', async (command) => {
    const { write, read, start, outlet, ended } = build();
    start(0);
    await outlet.collector.find((packet) => packet.type === PacketType.endOfFrame && packet.frame === 4);
    write('command', DeviceCommand[command]);
    expect(read('state')).toBe(DeviceState.draining);
    const end = new Uint32Array((await ended()).payload.buffer);
    const frames = outlet.collector.ofType(PacketType.endOfFrame).length;
    expect([...end]).toEqual([outlet.collector.packets.length, frames, 0]);
    expect(read('packetsSent')).toBe(end[0]);
    // A second one finds nothing to do.
    write('command', DeviceCommand[command]);
  });

  it('set the counters to 0 when armed again', async () => {
    const { write, read, start, ended } = build();
    start(3);
    await ended();
    expect(read('framesSent')).toBe(3);
    write('command', DeviceCommand.arm);
    expect([read('framesSent'), read('packetsSent'), read('framesDropped')]).toEqual([0, 0, 0]);
  });
});

describe('frames of the virtual camera', () => {
  it('carry the photons of their frame, row by row', async () => {
    const { write, start, outlet, ended } = build();
    write('rowsPerPacket', 2);
    start(3);
    await ended();
    for (const packet of outlet.collector.ofType(PacketType.histograms)) {
      const counts = new Uint16Array(packet.payload.buffer);
      expect(counts.length).toBe(packet.rowCount * 6 * 4);
      expect(counts[0]).toBe(packet.frame * 1000 + packet.firstRow * 24);
      expect(counts.at(-1)).toBe(packet.frame * 1000 + (packet.firstRow + packet.rowCount) * 24 - 1);
    }
    const ends = outlet.collector.ofType(PacketType.endOfFrame);
    // 5 rows in packets of 2 make 3 packets and the end of the frame.
    expect(ends.map(({ payload }) => new DataView(payload.buffer).getUint32(16, true))).toEqual([4, 4, 4]);
  });

  it('start one frame period apart', async () => {
    const { start, outlet, ended } = build(20_000);
    start(6);
    await ended();
    const starts = outlet.collector.ofType(PacketType.endOfFrame).map(({ payload }) => ticksOf(payload, 0));
    expect(starts.slice(1).map((ticks, i) => ticks - starts[i]!)).toEqual(Array(5).fill(20 * TICKS_PER_MS));
  });

  it('keep their pace through a small delay', async () => {
    const { source, start, outlet, ended } = build(20_000);
    source.durationMs = (frame) => (frame === 1 ? 27 : 2);
    start(5);
    await ended();
    const starts = outlet.collector.ofType(PacketType.endOfFrame).map(({ payload }) => ticksOf(payload, 0));
    expect(starts.map((ticks) => (ticks - starts[0]!) / TICKS_PER_MS)).toEqual([0, 20, 47, 60, 80]);
  });

  it('come without bursts where the camera fell behind', async () => {
    const { source, start, outlet, ended } = build(20_000);
    source.durationMs = (frame) => (frame === 1 ? 150 : 2);
    start(5);
    await ended();
    const starts = outlet.collector.ofType(PacketType.endOfFrame).map(({ payload }) => ticksOf(payload, 0));
    expect(starts.map((ticks) => (ticks - starts[0]!) / TICKS_PER_MS)).toEqual([0, 20, 170, 190, 210]);
  });

  it('are dropped whole, counted and reported when the link is full', async () => {
    const { start, outlet, read, ended } = build();
    outlet.room = 0;
    start(10);
    while (read('framesDropped') < 4) await new Promise((resolve) => setImmediate(resolve));
    outlet.room = outlet.capacity;
    const [, sent, dropped] = new Uint32Array((await ended()).payload.buffer);
    expect(sent! + dropped!).toBe(10);
    expect(dropped).toBeGreaterThanOrEqual(4);
    const ends = outlet.collector.ofType(PacketType.endOfFrame);
    expect(ends[0]!.frame).toBe(dropped);
    expect(new DataView(ends[0]!.payload.buffer).getUint32(20, true)).toBe(dropped);
  });

  it('wait for the link instead where no frame period is set', async () => {
    const { start, outlet, ended } = build(0);
    outlet.room = 0;
    start(3);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(outlet.collector.ofType(PacketType.endOfFrame)).toEqual([]);
    outlet.room = outlet.capacity;
    outlet.onRoom();
    expect([...new Uint32Array((await ended()).payload.buffer)].slice(1)).toEqual([3, 0]);
  });

  it('are accompanied by telemetry once a second', async () => {
    const { start, outlet, read, ended } = build(100_000);
    start(41);
    await ended();
    const telemetry = outlet.collector.ofType(PacketType.telemetry);
    expect(telemetry.length).toBe(4);
    const [temperature, , photonRate, peakRate, laserRate] = new Uint32Array(telemetry[1]!.payload.buffer);
    expect(temperature).toBeGreaterThan(20_000);
    expect(temperature).toBeLessThan(40_000);
    // 500 photons in every 0.1 s; the test's peak is the frame number.
    expect(photonRate).toBe(5000);
    expect(peakRate).toBeGreaterThan(0);
    expect(laserRate).toBe(read('laserRateHz'));
  });
});
