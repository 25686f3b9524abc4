import { afterEach, describe, expect, it } from 'vitest';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import {
  DeviceCommand,
  DeviceOutput,
  HistogramSource,
  PacketType,
  register,
} from '../../src/protocol/index.js';
import { USB_EVENT_BYTES, UsbEndpoint, UsbInterface, type UsbSpeed } from '../../src/protocol/usb.js';
import { type VirtualDeviceOptions, virtualDevice } from '../support/virtual-device.js';
import { PacketCollector } from './host.js';
import { type Answer, UsbIpHost } from './usbip-host.js';

const STALL = -32;
const UNLINKED = -104;
const BUSY = 2;
const NO_DEVICE = 4;
const READ_BYTES = 16 * 1024;

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(
  options: VirtualDeviceOptions = {},
  speed: UsbSpeed = 'super',
  bulkBytesPerSecond?: number,
): Promise<UsbIpServer> {
  const server = await UsbIpServer.listen(virtualDevice({ fps: 0, ...options }), {
    host: '127.0.0.1',
    tcpPort: 0,
    speed,
    bulkBytesPerSecond,
  });
  closing.push(() => server.close());
  return server;
}

async function plugIn(server: UsbIpServer): Promise<UsbIpHost> {
  const host = await UsbIpHost.connect(server.address.port);
  closing.push(() => void host.socket.destroy());
  expect((await host.import()).status).toBe(0);
  expect((await host.configure()).status).toBe(0);
  return host;
}

const address = (name: Parameters<typeof register>[0]): number => register(name).address;

async function start(host: UsbIpHost, frameLimit: number): Promise<void> {
  expect((await host.setInterface(UsbInterface.data, 1)).status).toBe(0);
  await host.writeRegisters(address('series'), 5);
  await host.writeRegisters(address('output'), DeviceOutput.histograms);
  await host.writeRegisters(address('frameLimit'), frameLimit);
  await host.writeRegisters(address('command'), DeviceCommand.arm);
  await host.writeRegisters(address('command'), DeviceCommand.start);
}

/** Reads as the daemon does, several transfers in flight, until the end of the series. */
async function readSeries(host: UsbIpHost) {
  const packets = new PacketCollector();
  const answers: Answer[] = [];
  const inFlight: Promise<Answer>[] = [];
  const submit = (): void => void inFlight.push(host.read(UsbEndpoint.packets, READ_BYTES).answer);
  for (let i = 0; i < 4; i++) submit();
  while (packets.ofType(PacketType.endOfSeries).length === 0) {
    const answer = await inFlight.shift()!;
    expect(answer.status).toBe(0);
    answers.push(answer);
    packets.push(answer.data);
    submit();
  }
  return { packets, answers };
}

describe('a virtual camera over USB/IP', () => {
  it('lists itself, and gives itself to one host at a time', async () => {
    const server = await serve({}, 'high');
    const asking = await UsbIpHost.connect(server.address.port);
    const list = await asking.operation(0x8005, Buffer.alloc(0), 8 + 4 + 312 + 8);
    expect(list.readUInt32BE(8)).toBe(1);
    expect(list.toString('latin1', 12 + 256, 12 + 259)).toBe('1-1');
    expect([list.readUInt16BE(12 + 300), list.readUInt16BE(12 + 302)]).toEqual([0x1209, 0x0001]);
    const first = await UsbIpHost.connect(server.address.port);
    closing.push(() => void first.socket.destroy());
    expect(await first.import()).toEqual({ status: 0, speed: 3 });
    const second = await UsbIpHost.connect(server.address.port);
    expect((await second.import()).status).toBe(BUSY);
    const third = await UsbIpHost.connect(server.address.port);
    expect((await third.import('2-1')).status).toBe(NO_DEVICE);
  });

  it('turns away what is no USB/IP host', async () => {
    const server = await serve();
    const stranger = await UsbIpHost.connect(server.address.port);
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n');
    await stranger.closed;
    const host = await plugIn(server);
    host.socket.write(Buffer.alloc(48, 0xa5));
    await host.closed;
    await plugIn(server);
  });

  it.each(['high', 'super'] as const)('describes itself at %s speed', async (speed) => {
    const host = await plugIn(await serve({}, speed));
    const device = (await host.control(0x80, 6, 0x0100, 0, 64)).data;
    expect(device.readUInt16LE(2)).toBe(speed === 'super' ? 0x0320 : 0x0200);
    const head = (await host.control(0x80, 6, 0x0200, 0, 9)).data;
    const configuration = (await host.control(0x80, 6, 0x0200, 0, 1024)).data;
    expect(configuration.length).toBe(head.readUInt16LE(2));
    const kinds: number[] = [];
    for (let at = 0; at < configuration.length; at += configuration[at]!) kinds.push(configuration[at + 1]!);
    const endpoint = speed === 'super' ? [5, 48] : [5];
    expect(kinds).toEqual([2, 4, 4, ...endpoint, 4, ...endpoint, ...endpoint]);
    const serial = (await host.control(0x80, 6, 0x0303, 0x0409, 255)).data;
    expect(serial.subarray(2).toString('utf16le')).toBe('SIM-TEST');
    const bos = await host.control(0x80, 6, 0x0f00, 0, 255);
    expect([bos.status, bos.data.length]).toEqual(speed === 'super' ? [0, 22] : [STALL, 0]);
  });

  it('reads and writes registers, and stalls with a reason', async () => {
    const host = await plugIn(await serve());
    const { data } = await host.readRegisters(address('width'), 3);
    expect([data.readUInt32LE(0), data.readUInt32LE(4), data.readUInt32LE(8)]).toEqual([16, 16, 8]);
    expect(await host.refusal()).toBe('');
    expect((await host.writeRegisters(address('width'), 3)).status).toBe(STALL);
    expect(await host.refusal()).toBe('register width is read-only');
    expect((await host.readRegisters(0x7f0, 1)).status).toBe(STALL);
    expect((await host.readRegisters(0, 65)).status).toBe(STALL);
    expect(await host.refusal()).toBe('260 bytes of registers; 4 × (1 to 64) can be');
    // No data channel without the alternate setting that opens it.
    await host.writeRegisters(address('series'), 1);
    await host.writeRegisters(address('command'), DeviceCommand.arm);
    expect((await host.writeRegisters(address('command'), DeviceCommand.start)).status).toBe(STALL);
    expect(await host.refusal()).toBe('no data channel is attached');
  });

  it.each([
    ['high', 512],
    ['super', 1024],
  ] as const)('ends transfers only at a flush, at %s speed', async (speed, packetBytes) => {
    const host = await plugIn(await serve({}, speed));
    await start(host, 6);
    const { packets, answers } = await readSeries(host);
    expect(packets.skipped).toBe(0);
    expect(packets.ofType(PacketType.endOfFrame).map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5]);
    const sent = packets.packets.reduce((sum, { payload }) => sum + 48 + payload.length, 0);
    expect(answers.reduce((sum, { actual }) => sum + actual, 0)).toBe(sent);
    // One early end for each flush: six frames and the end of the series.
    const early = answers.filter(({ actual }) => actual < READ_BYTES);
    expect(early.length).toBe(7);
    expect(early.every(({ actual }) => actual % packetBytes !== 0)).toBe(true);
  });

  it('takes a waiting transfer back, and refuses transfers that are no multiple of a packet', async () => {
    const host = await plugIn(await serve());
    await host.setInterface(UsbInterface.data, 1);
    const waiting = host.read(UsbEndpoint.packets, READ_BYTES);
    expect(await host.unlink(waiting.sequence)).toBe(UNLINKED);
    expect(await host.unlink(waiting.sequence)).toBe(0);
    expect((await host.read(UsbEndpoint.packets, 1000).answer).status).toBe(-75);
  });

  it('ends the series when the host closes the data channel, and begins the next with nothing stale', async () => {
    const host = await plugIn(await serve());
    await start(host, 0);
    expect((await host.read(UsbEndpoint.packets, READ_BYTES).answer).actual).toBeGreaterThan(0);
    await host.setInterface(UsbInterface.data, 0);
    const state = async () => (await host.readRegisters(address('state'), 1)).data.readUInt32LE(0);
    while ((await state()) !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await start(host, 1);
    const { packets } = await readSeries(host);
    expect(packets.skipped).toBe(0);
    expect(packets.packets[0]!.sequence).toBe(0);
  });

  it('sends no more than its bus carries, and answers registers all the same', async () => {
    /** Reads that are answered while registers are read, of more than the bus takes at once. */
    const answered = async (bulkBytesPerSecond: number): Promise<number> => {
      const host = await plugIn(await serve({}, 'super', bulkBytesPerSecond));
      await start(host, 0);
      let count = 0;
      const reads = Array.from({ length: 100 }, () =>
        host.read(UsbEndpoint.packets, READ_BYTES).answer.then(() => count++),
      );
      await (bulkBytesPerSecond === Infinity ? Promise.all(reads) : reads[0]);
      for (let i = 0; i < 200; i++) await host.readRegisters(address('state'), 1);
      return count;
    };
    expect(await answered(Infinity)).toBe(100);
    expect(await answered(1)).toBeLessThan(50);
  });

  it('tells of its state at the event endpoint', async () => {
    const host = await plugIn(await serve());
    await host.setInterface(UsbInterface.service, 0);
    const first = await host.read(UsbEndpoint.events, USB_EVENT_BYTES).answer;
    expect(first.data.readUInt32LE(0)).toBe(0);
    const change = host.read(UsbEndpoint.events, USB_EVENT_BYTES);
    await host.writeRegisters(address('series'), 1);
    await host.writeRegisters(address('command'), DeviceCommand.arm);
    expect((await change.answer).data.readUInt32LE(0)).toBe(1);
  });

  it('halts the injection endpoint while it measures with its sensor, until the host clears it', async () => {
    const host = await plugIn(await serve());
    for (let i = 0; i < 2; i++) {
      expect((await host.write(UsbEndpoint.injection, Buffer.alloc(100))).status).toBe(STALL);
      expect(await host.refusal()).toMatch(/^histogramSource is 0/);
      expect((await host.control(0x82, 0, 0, UsbEndpoint.injection, 2)).data[0]).toBe(1);
      await host.control(0x02, 1, 0, UsbEndpoint.injection, Buffer.alloc(0));
      expect((await host.control(0x82, 0, 0, UsbEndpoint.injection, 2)).data[0]).toBe(0);
    }
  });

  it('measures injected histograms, and lets them wait while it has no room', async () => {
    const host = await plugIn(await serve());
    await host.writeRegisters(address('histogramSource'), HistogramSource.injected);
    await start(host, 3);
    // 16 × 16 pixels of 8 bins: 4096 bytes, whole USB packets, so that an empty packet must end the frame.
    const frames = [1, 2, 3].map((count) => new Uint16Array(16 * 16 * 8).fill(count));
    const written = frames.flatMap((frame) => [
      host.write(UsbEndpoint.injection, new Uint8Array(frame.buffer)),
      host.write(UsbEndpoint.injection, Buffer.alloc(0)),
    ]);
    const { packets } = await readSeries(host);
    for (const answer of await Promise.all(written)) expect(answer.status).toBe(0);
    for (const { frame, payload } of packets.ofType(PacketType.histograms)) {
      const counts = new Uint16Array(payload.slice().buffer);
      expect(counts.every((count) => count === frame + 1)).toBe(true);
    }
    expect(packets.ofType(PacketType.endOfFrame).length).toBe(3);
    expect((await host.readRegisters(address('errorFlags'), 1)).data.readUInt32LE(0)).toBe(0);
  });

  it('is free for the next host when the cable is pulled in mid-frame, or the link fails', async () => {
    const server = await serve({ faults: { disconnect: 0.05 } });
    const first = await plugIn(server);
    await start(first, 0);
    const keepReading = (): void => void first.read(UsbEndpoint.packets, READ_BYTES).answer.then(keepReading);
    keepReading();
    await first.closed;
    const second = await plugIn(server);
    server.unplug();
    await second.closed;
    const third = await plugIn(server);
    expect((await third.readRegisters(address('state'), 1)).status).toBe(0);
  });
});
