import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDevice, defaultSimOptions, SimServer, type SimOptions } from '../../src/camera-sim/index.js';
import { DeviceOutput, DeviceState, PacketType } from '../../src/protocol/index.js';
import { armAndStart, dial, PacketCollector, RegisterHost } from './host.js';

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const small: Partial<SimOptions> = { width: 32, height: 24, fps: 0, seed: 3 };

async function serve(changes: Partial<SimOptions> = {}) {
  const server = await SimServer.listen(
    await createDevice({ ...defaultSimOptions(), ...small, ...changes }),
    '127.0.0.1',
    0,
  );
  closing.push(() => server.close());
  return server;
}

/** A host with both channels open. */
async function attach(server: SimServer) {
  const { port } = server.address;
  const data = new PacketCollector();
  const dataSocket = await dial(port, data, 1);
  let controlSocket: Socket | null = null;
  const host = new RegisterHost((bytes) => controlSocket!.write(bytes));
  controlSocket = await dial(port, host.replies, 0);
  closing.push(
    () => void dataSocket.destroy(),
    () => void controlSocket.destroy(),
  );
  await host.replies.find((packet) => packet.type === PacketType.attached);
  await data.find((packet) => packet.type === PacketType.attached);
  return { host, data, dataSocket, controlSocket };
}

const refusalOf = async (collector: PacketCollector) =>
  new TextDecoder().decode((await collector.find((packet) => packet.type === PacketType.refused)).payload);

describe('a virtual camera over TCP', () => {
  it('sends the frames it was told to and the end of the series', async () => {
    const { host, data } = await attach(await serve());
    await armAndStart(host, { series: 7, output: DeviceOutput.histograms, frameLimit: 5, rowsPerPacket: 10 });
    const end = await data.find((packet) => packet.type === PacketType.endOfSeries);
    const series = data.packets.filter((packet) => packet.series === 7);
    expect(series.map((packet) => packet.sequence)).toEqual(series.map((_, i) => i));
    expect([...new Uint32Array(end.payload.buffer)]).toEqual([series.length, 5, 0]);
    expect(data.ofType(PacketType.endOfFrame).map((packet) => packet.frame)).toEqual([0, 1, 2, 3, 4]);
    // 24 rows in packets of 10.
    const ofFrame2 = data.ofType(PacketType.histograms).filter((packet) => packet.frame === 2);
    expect(ofFrame2.map((packet) => [packet.firstRow, packet.rowCount])).toEqual([
      [0, 10],
      [10, 10],
      [20, 4],
    ]);
    expect(data.skipped).toBe(0);
    expect(await host.read('packetsSent')).toEqual([series.length]);
    expect(await host.read('framesSent')).toEqual([5]);
    expect(await host.read('state')).toEqual([DeviceState.idle]);
  });

  it('answers register requests while frames flow, and stops', async () => {
    const { host, data } = await attach(await serve());
    await armAndStart(host, { output: DeviceOutput.histograms });
    await data.find((packet) => packet.type === PacketType.endOfFrame && packet.frame === 3);
    expect(await host.read('state')).toEqual([DeviceState.acquiring]);
    const [low, high] = await host.read('ticks');
    expect(high! * 2 ** 32 + low!).toBeGreaterThan(0);
    await expect(host.write('series', 9)).rejects.toThrow('read-only while acquiring');
    await host.write('command', 3);
    const end = await data.find((packet) => packet.type === PacketType.endOfSeries);
    const ended = data.ofType(PacketType.endOfFrame).length;
    expect(new Uint32Array(end.payload.buffer)[1]).toBe(ended);
  });

  it('refuses a second host on either channel and goes on serving the first', async () => {
    const server = await serve();
    const { host } = await attach(server);
    for (const channel of [0, 1]) {
      const second = new PacketCollector();
      const socket = await dial(server.address.port, second, channel);
      expect(await refusalOf(second)).toMatch(/another host has the (control|data) channel/);
      await once(socket, 'close');
    }
    expect(await host.read('width')).toEqual([32]);
  });

  it('turns away what is no flimd host, and goes on', async () => {
    const server = await serve();
    const stranger = connect(server.address.port, '127.0.0.1');
    const replies = new PacketCollector();
    stranger.on('data', (bytes) => replies.push(bytes));
    stranger.write('GET / HTTP/1.1\r\nHost: camera\r\nUser-Agent: browser\r\n\r\n');
    expect(await refusalOf(replies)).toBe('this is no flimd packet');
    await once(stranger, 'close');
    const { host } = await attach(server);
    expect(await host.read('height')).toEqual([24]);
  });

  it('breaks off garbage on the control channel, after which another host can attach', async () => {
    const server = await serve();
    const first = await attach(server);
    first.controlSocket.write(Buffer.alloc(200, 0xa5));
    await once(first.controlSocket, 'close');
    first.dataSocket.destroy();
    await once(first.dataSocket, 'close');
    const { host } = await attach(server);
    expect(await host.read('bins')).toEqual([64]);
  });

  it('ends the series when the data connection goes, and serves the next host', async () => {
    const server = await serve();
    const first = await attach(server);
    await armAndStart(first.host, { output: DeviceOutput.histograms });
    await first.data.find((packet) => packet.type === PacketType.endOfFrame);
    first.dataSocket.destroy();
    await untilState(first.host, DeviceState.idle);
    await expect(first.host.write('command', 1).then(() => first.host.write('command', 2))).rejects.toThrow(
      'no data channel',
    );
    await first.host.write('command', 5);
    first.controlSocket.destroy();
    await once(first.controlSocket, 'close');
    const { host, data } = await attach(server);
    await armAndStart(host, { series: 2, output: DeviceOutput.histograms, frameLimit: 2 });
    await data.find((packet) => packet.type === PacketType.endOfSeries && packet.series === 2);
  });

  it('drops whole frames when the host does not read, counts them, and tells', async () => {
    const { host, data, dataSocket } = await attach(
      await serve({ width: 64, height: 64, linkLimitBytes: 1 << 20 }),
    );
    dataSocket.pause();
    await armAndStart(host, { output: DeviceOutput.histograms, framePeriodUs: 1000 });
    let dropped = 0;
    while (dropped < 20) [dropped] = (await host.read('framesDropped')) as [number];
    dataSocket.resume();
    await host.write('command', 3);
    const end = await data.find((packet) => packet.type === PacketType.endOfSeries);
    const [packets, sent, droppedInAll] = new Uint32Array(end.payload.buffer);
    const frames = data.ofType(PacketType.endOfFrame);
    expect(frames.length).toBe(sent);
    expect(droppedInAll).toBeGreaterThanOrEqual(20);
    expect(data.packets.filter((packet) => packet.series === 1).length).toBe(packets);
    // Dropped frames leave gaps in the frame numbers; those that came are whole.
    expect(frames.at(-1)!.frame + 1).toBeLessThanOrEqual(sent! + droppedInAll!);
    for (const frame of frames) {
      const packetsOfFrame = data.packets.filter(
        (packet) => packet.frame === frame.frame && packet.type === PacketType.histograms,
      );
      expect(packetsOfFrame.length).toBe(8);
    }
  });

  it('cuts the data connection where it is told to fail, and takes the next one', async () => {
    const faults = { ...defaultSimOptions().faults, disconnect: 0.02 };
    const server = await serve({ faults, seed: 5 });
    const { host, dataSocket } = await attach(server);
    await armAndStart(host, { output: DeviceOutput.histograms });
    await once(dataSocket, 'close');
    expect(server.faultLedger!.disconnects).toBe(1);
    await untilState(host, DeviceState.idle);
    const again = new PacketCollector();
    const socket = await dial(server.address.port, again, 1);
    closing.push(() => void socket.destroy());
    await again.find((packet) => packet.type === PacketType.attached);
    expect(server.faultLedger!.disconnects).toBe(0);
  });

  it('stands still in a stall and goes on with nothing lost', async () => {
    const faults = { ...defaultSimOptions().faults, stall: 0.05 };
    const server = await serve({ faults, stallMs: 5 });
    const { host, data } = await attach(server);
    await armAndStart(host, { series: 4, output: DeviceOutput.histograms, frameLimit: 20 });
    await data.find((packet) => packet.type === PacketType.endOfSeries);
    const series = data.packets.filter((packet) => packet.series === 4);
    expect(series.map((packet) => packet.sequence)).toEqual(series.map((_, i) => i));
    expect(server.faultLedger!.stalls).toBeGreaterThan(0);
  });

  it('says that another program has the port', async () => {
    const server = await serve();
    const device = await createDevice({ ...defaultSimOptions(), ...small });
    await expect(SimServer.listen(device, '127.0.0.1', server.address.port)).rejects.toMatchObject({
      code: 'FLIMD_E_PORT_IN_USE',
    });
  });
});

async function untilState(host: RegisterHost, state: number): Promise<void> {
  while ((await host.read('state'))[0] !== state);
}
