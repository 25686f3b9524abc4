import { afterEach, describe, expect, it } from 'vitest';
import {
  defaultSimOptions,
  type SimOptions,
  type SimThread,
  startSimThread,
} from '../../src/camera-sim/index.js';
import { type ByteChannel, openControlChannel, openDataChannel } from '../../src/link/index.js';
import { DeviceOutput, FlimdError, PacketType } from '../../src/protocol/index.js';
import { armAndStart, greeting, PacketCollector, RegisterHost } from './host.js';

const threads: SimThread[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

const small: Partial<SimOptions> = { width: 32, height: 24, fps: 0, seed: 3 };

/** A collector behind the link's byte sink. */
class CollectingSink {
  readonly collector = new PacketCollector();
  private readonly room = new Uint8Array(65_536);

  reserve(): Uint8Array {
    return this.room;
  }

  commit(bytes: number): void {
    this.collector.push(this.room.slice(0, bytes));
  }

  take(bytes: Uint8Array): void {
    this.collector.push(bytes);
  }
}

async function open(changes: Partial<SimOptions>) {
  const thread = await startSimThread({ ...defaultSimOptions(), ...small, ...changes });
  threads.push(thread);
  const lost: FlimdError[] = [];
  let channel: ByteChannel | null = null;
  const host = new RegisterHost((bytes) => channel!.send(bytes));
  channel = await openControlChannel(thread.target, greeting(0), {
    onBytes: (bytes) => host.replies.push(bytes),
    onLost: (error) => lost.push(error),
  });
  const sink = new CollectingSink();
  const data = await openDataChannel(thread.target, greeting(1), sink, (error) => lost.push(error));
  await host.replies.find((packet) => packet.type === PacketType.attached);
  await sink.collector.find((packet) => packet.type === PacketType.attached);
  return { thread, host, data: sink.collector, dataChannel: data, lost };
}

describe('a virtual camera in its own thread', () => {
  it('serves registers and frames over a memory link', async () => {
    const { host, data } = await open({});
    expect(await host.read('width')).toEqual([32]);
    // More bytes than the link holds at once: chunks are used again and again.
    await armAndStart(host, { series: 5, output: DeviceOutput.histograms, frameLimit: 300 });
    const end = await data.find((packet) => packet.type === PacketType.endOfSeries, 60_000);
    const series = data.packets.filter((packet) => packet.series === 5);
    expect(series.map((packet) => packet.sequence)).toEqual(series.map((_, i) => i));
    expect([...new Uint32Array(end.payload.buffer)]).toEqual([series.length, 300, 0]);
  });

  it('reports the fault ledger of a bad link', async () => {
    const faults = { ...defaultSimOptions().faults, drop: 0.1, garbage: 0.1 };
    const { thread, host, data } = await open({ faults });
    await armAndStart(host, { series: 1, output: DeviceOutput.histograms, frameLimit: 100 });
    while ((await host.read('state'))[0] !== 0);
    const ledger = (await thread.faultLedger())!;
    const [sent] = await host.read('packetsSent');
    expect(ledger.packets).toBe(sent);
    expect(ledger.dropped).toBeGreaterThan(0);
    const arrived = (): number => data.packets.filter((packet) => packet.series === 1).length;
    await data.find(() => arrived() >= sent! - ledger.dropped);
    expect(arrived()).toBe(sent! - ledger.dropped);
    expect(data.skipped).toBeGreaterThan(0);
  });

  it('ends the series when the data channel is closed', async () => {
    const { host, data, dataChannel, lost } = await open({});
    await armAndStart(host, { output: DeviceOutput.histograms });
    await data.find((packet) => packet.type === PacketType.endOfFrame);
    await dataChannel.close();
    while ((await host.read('state'))[0] !== 0);
    expect(lost).toEqual([]);
  });

  it('fails to start with the typed error of the device', async () => {
    await expect(
      startSimThread({ ...defaultSimOptions(), ...small, model: '/no/such/model' }),
    ).rejects.toMatchObject({ code: 'FLIMD_E_MODEL_NOT_FOUND', details: { value: '/no/such/model' } });
  });
});
