import { afterEach, describe, expect, it } from 'vitest';
import { defaultAcquisitionLimits } from '../../src/acquisition/acquisition-options.js';
import { DataReceiver } from '../../src/acquisition/data-receiver.js';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import type { PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import type { EndOfSeries } from '../../src/acquisition/packet-payloads.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import { FlimdError } from '../../src/protocol/errors.js';
import {
  decodeHeader,
  emptyHeader,
  encodePacket,
  type PacketHeader,
  PacketType,
} from '../../src/protocol/packet.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { concat, endOfFramePayload, endOfSeriesPayload, histogramsPayload } from '../support/packets.js';

const geometry = { width: 4, height: 4, bins: 3, histograms: true };
const limits = { ...defaultAcquisitionLimits, attachTimeoutMs: 30 };
const SERIES = 9;

/** A receiver with a device whose bytes the test writes, and a clock that the test moves. */
class ReceiverFixture {
  now = 1000;
  readonly frames: PublishedFrame[] = [];
  readonly counters: RunCounters[] = [];
  readonly telemetry: Uint32Array[] = [];
  readonly ends: (EndOfSeries & { series: number })[] = [];
  readonly lost: FlimdError[] = [];
  readonly refused: string[] = [];
  readonly pool = FramePool.allocate(geometry, { poolSlots: 6, poolBytes: 1 << 20, leastSlots: 1 });
  greeting: Uint8Array | null = null;
  closed = 0;
  /** What the device does when it is greeted. */
  answer: () => void = () => this.deliver(encodePacket({ type: PacketType.attached }));
  private sink: { reserve(): Uint8Array; commit(bytes: number): void } | null = null;
  private breakLink: (error: FlimdError) => void = () => {};
  private sequence = 0;

  readonly receiver = new DataReceiver<string>({
    limits,
    clock: () => this.now,
    open: async (_, greeting, sink, onLost) => {
      this.greeting = greeting;
      this.sink = sink;
      this.breakLink = onLost;
      queueMicrotask(() => this.answer());
      return { close: async () => void this.closed++ };
    },
    events: {
      frame: (frame) => this.frames.push(frame),
      counters: (counters) => this.counters.push(counters),
      telemetry: (words) => this.telemetry.push(words),
      endOfSeries: (end) => this.ends.push(end),
      lost: (error) => this.lost.push(error),
      refused: (reason) => this.refused.push(reason),
    },
  });

  async begin(series = SERIES): Promise<void> {
    await this.receiver.connect('camera');
    this.beginSeries(series);
  }

  beginSeries(series: number): void {
    this.sequence = 0;
    const expect = { lifetimes: false, standardErrors: false, histograms: true };
    this.receiver.beginSeries({ series, share: this.pool.share, expect });
  }

  deliver(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.sink!.reserve();
      const run = bytes.subarray(at, at + room.length);
      room.set(run);
      this.sink!.commit(run.length);
      at += run.length;
    }
  }

  packet(fields: Partial<PacketHeader> & { type: number }, payload?: Uint8Array): Uint8Array {
    return encodePacket({ series: SERIES, sequence: this.sequence++, ...fields }, payload);
  }

  /** A frame of four packets of a row each and its end: sequence numbers 5·frame … 5·frame + 4. */
  framePackets(frame: number): Uint8Array[] {
    const rows = [0, 1, 2, 3].map((firstRow) =>
      this.packet(
        { type: PacketType.histograms, frame, firstRow, rowCount: 1 },
        histogramsPayload(geometry, 1, frame * 10 + firstRow),
      ),
    );
    return [...rows, this.packet({ type: PacketType.endOfFrame, frame }, endOfFramePayload({}))];
  }

  endOfSeries(framesSent: number, framesDropped = 0): Uint8Array {
    const packets = this.sequence + 1;
    return this.packet(
      { type: PacketType.endOfSeries },
      endOfSeriesPayload(packets, framesSent, framesDropped),
    );
  }

  pass(ms: number): void {
    for (const until = this.now + ms; this.now < until;) {
      this.now = Math.min(until, this.now + 20);
      this.receiver.tick();
    }
  }

  breakNow(): void {
    this.breakLink(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  }
}

const unknown = { packetsSent: null, framesSent: 0, framesDroppedByDevice: 0 };
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

let fixture: ReceiverFixture;
const fresh = (): ReceiverFixture => (fixture = new ReceiverFixture());
afterEach(() => fixture.receiver.disconnect());

function expectConserved(counters: RunCounters): void {
  for (const check of checkConservation(counters)) expect(check).toMatchObject({ holds: true });
}

describe('opening the data channel', () => {
  it('greets for the data channel and waits for the answer', async () => {
    const f = fresh();
    await f.receiver.connect('camera');
    const header = decodeHeader(new DataView(f.greeting!.buffer), f.greeting!, 0, emptyHeader());
    expect(header).toMatchObject({ type: PacketType.attach, payloadBytes: 4 });
    expect([...f.greeting!.subarray(-4)]).toEqual([1, 0, 0, 0]);
  });

  it('says why the camera refuses', async () => {
    const f = fresh();
    f.answer = () => f.deliver(encodePacket({ type: PacketType.refused }, new TextEncoder().encode('taken')));
    await expect(f.receiver.connect('camera')).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      details: { value: 'taken' },
    });
    expect(f.closed).toBe(1);
  });

  it('gives up on a camera that says nothing', async () => {
    const f = fresh();
    f.answer = () => {};
    await expect(f.receiver.connect('camera')).rejects.toMatchObject({ code: 'FLIMD_E_LINK_TIMEOUT' });
    expect(f.closed).toBe(1);
  });

  it('knows that something else answers', async () => {
    const f = fresh();
    f.answer = () => f.deliver(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(f.receiver.connect('camera')).rejects.toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA' });
  });

  it('fails when the link breaks before the answer, and can be tried again', async () => {
    const f = fresh();
    f.answer = () => f.breakNow();
    await expect(f.receiver.connect('camera')).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    f.answer = () => f.deliver(encodePacket({ type: PacketType.attached }));
    await f.receiver.connect('camera');
    expect(f.lost).toEqual([]);
  });
});

describe('receiving a series', () => {
  it('publishes its frames and ends at once when everything has arrived', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat([...f.framePackets(0), ...f.framePackets(1), f.endOfSeries(2)]));
    expect(f.frames.map(({ frame, series }) => [series, frame])).toEqual([
      [SERIES, 0],
      [SERIES, 1],
    ]);
    expect(f.ends).toEqual([{ series: SERIES, packets: 11, framesSent: 2, framesDropped: 0 }]);
    const counters = await f.receiver.endSeries(unknown);
    expect(counters).toMatchObject({
      packetsSent: 11,
      packetsReceived: 11,
      packetsLost: 0,
      framesReceived: 2,
      framesPublished: 2,
      framesMissing: 0,
      bytesSkipped: 0,
    });
    expectConserved(counters);
  });

  it('tells its counters where the link leaves no time for the timer', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0)));
    expect(f.counters).toEqual([]);
    f.now += 200;
    f.deliver(concat(f.framePackets(1)));
    f.deliver(concat(f.framePackets(2)));
    expect(f.counters.map(({ packetsReceived }) => packetsReceived)).toEqual([10]);
  });

  it('counts what was lost, repeated and late, and every packet once', async () => {
    const f = fresh();
    await f.begin();
    const [zero, one, two] = [f.framePackets(0), f.framePackets(1), f.framePackets(2)];
    const end = f.endOfSeries(3, 2);
    f.deliver(concat([zero[0]!, zero[2]!, zero[1]!, zero[3]!, zero[4]!, zero[4]!]));
    f.deliver(concat([one[0]!, one[1]!, one[3]!, one[4]!]));
    f.deliver(concat([...two.slice(2), end]));
    const done = f.receiver.endSeries({ packetsSent: 16, framesSent: 3, framesDroppedByDevice: 2 });
    f.pass(1000);
    const counters = await done;
    expect(counters).toMatchObject({
      packetsSent: 16,
      packetsReceived: 13,
      packetsLost: 3,
      packetsDuplicated: 1,
      packetsReordered: 1,
      framesReceived: 3,
      framesPublished: 3,
      framesPartial: 2,
      framesDroppedByDevice: 2,
      framesMissing: 2,
    });
    expectConserved(counters);
  });

  it('waits for packets that the device says it has sent', async () => {
    const f = fresh();
    await f.begin();
    const packets = f.framePackets(0);
    f.deliver(concat(packets.slice(0, 2)));
    const done = f.receiver.endSeries({ packetsSent: 5, framesSent: 1, framesDroppedByDevice: 0 });
    f.pass(500);
    expect(await settled(done)).toBe(false);
    f.deliver(concat(packets.slice(2)));
    expect(await done).toMatchObject({ packetsReceived: 5, packetsLost: 0, framesPartial: 0 });
  });

  it('waits only shortly when the last packet is there and some are missing, but takes reordered ones', async () => {
    const f = fresh();
    await f.begin();
    const packets = f.framePackets(0);
    const end = f.endOfSeries(1);
    f.deliver(concat([...packets.slice(0, 3), end]));
    const done = f.receiver.endSeries({ packetsSent: 6, framesSent: 1, framesDroppedByDevice: 0 });
    f.pass(limits.settleMs - 20);
    f.deliver(packets[4]!);
    f.pass(limits.settleMs - 20);
    expect(await settled(done)).toBe(false);
    f.pass(20);
    expect(await done).toMatchObject({ packetsReceived: 5, packetsLost: 1, packetsReordered: 1 });
  });

  it('gives up after drainTimeoutMs of silence when the last packet is lost', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0).slice(0, 3)));
    const done = f.receiver.endSeries({ packetsSent: 6, framesSent: 1, framesDroppedByDevice: 0 });
    f.pass(limits.drainTimeoutMs - 20);
    expect(await settled(done)).toBe(false);
    f.pass(20);
    const counters = await done;
    expect(counters).toMatchObject({
      packetsReceived: 3,
      packetsLost: 3,
      framesPartial: 1,
      framesPublished: 1,
    });
    expectConserved(counters);
  });

  it('finds packets held up behind a truncated one as soon as the link is idle', async () => {
    const f = fresh();
    await f.begin();
    const packets = f.framePackets(0);
    const long = f.packet({ type: PacketType.telemetry }, new Uint8Array(2000));
    f.deliver(concat([long.subarray(0, 60), ...packets]));
    expect(f.frames).toHaveLength(0);
    f.pass(60);
    expect(f.frames).toHaveLength(1);
    expect(f.frames[0]!.complete).toBe(true);
  });

  it('finds them too when the link is never idle', async () => {
    const f = fresh();
    await f.begin();
    const long = f.packet({ type: PacketType.telemetry }, new Uint8Array(20_000));
    f.deliver(long.subarray(0, 60));
    for (let frame = 0; frame < 3; frame++) {
      f.deliver(concat(f.framePackets(frame)));
      f.pass(30);
    }
    expect(f.frames.map(({ frame }) => frame)).toEqual([0, 1, 2]);
  });

  it('counts a truncated last packet as invalid and lost', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0)));
    const end = f.endOfSeries(1);
    f.deliver(end.subarray(0, 55));
    const done = f.receiver.endSeries({ packetsSent: 6, framesSent: 1, framesDroppedByDevice: 0 });
    f.pass(1000);
    const counters = await done;
    expect(counters).toMatchObject({ packetsLost: 1, packetsInvalid: 1, bytesSkipped: 55 });
    expect(counters.bytesReceived).toBeGreaterThan(5 * 48);
  });

  it('delivers a frame in part after its time-out', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(f.framePackets(0)[0]!);
    f.pass(limits.frameTimeoutMs - 20);
    expect(f.frames).toHaveLength(0);
    f.pass(20);
    expect(f.frames).toMatchObject([{ complete: false }]);
  });

  it('counts packets of another series, and lets them touch nothing', async () => {
    const f = fresh();
    await f.begin();
    const own = f.framePackets(0);
    f.deliver(encodePacket({ type: PacketType.histograms, series: SERIES - 1, frame: 7, sequence: 3 }));
    f.deliver(encodePacket({ type: PacketType.endOfSeries, series: SERIES - 1 }, endOfSeriesPayload(2, 0)));
    f.deliver(concat([...own, f.endOfSeries(1)]));
    const counters = await f.receiver.endSeries(unknown);
    expect(counters).toMatchObject({
      packetsForeign: 2,
      packetsReceived: 6,
      framesReceived: 1,
      packetsSent: 6,
    });
    expect(f.ends).toHaveLength(1);
  });

  it('counts as invalid what has no business in a series, or a wrong length', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(f.packet({ type: PacketType.registerReply }));
    f.deliver(f.packet({ type: 99 }));
    f.deliver(f.packet({ type: PacketType.endOfSeries }, new Uint8Array(11)));
    const done = f.receiver.endSeries({ packetsSent: 3, framesSent: 0, framesDroppedByDevice: 0 });
    expect(await done).toMatchObject({ packetsInvalid: 3, packetsReceived: 3, packetsLost: 0 });
  });

  it('starts every series from zero, whatever the one before left behind', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat([new Uint8Array(100), ...f.framePackets(0)]));
    await f.receiver.endSeries({ ...unknown, packetsSent: 5 });
    f.beginSeries(SERIES + 1);
    const done = f.receiver.endSeries({ ...unknown, packetsSent: 0 });
    expect(await done).toEqual(
      expect.objectContaining({ packetsReceived: 0, bytesReceived: 0, bytesSkipped: 0 }),
    );
  });

  it('passes telemetry on, inside and outside a series', async () => {
    const f = fresh();
    await f.receiver.connect('camera');
    const words = new Uint8Array(Uint32Array.of(36500, 24000).buffer);
    f.deliver(encodePacket({ type: PacketType.telemetry }, words));
    f.beginSeries(SERIES);
    f.deliver(f.packet({ type: PacketType.telemetry, frame: 50 }, words));
    expect(f.telemetry).toEqual([Uint32Array.of(36500, 24000), Uint32Array.of(36500, 24000)]);
    const counters = await f.receiver.endSeries({ ...unknown, packetsSent: 1 });
    expect(counters).toMatchObject({ packetsReceived: 1, framesReceived: 0, framesMissing: 0 });
  });

  it('reports counters at most five times a second', async () => {
    const f = fresh();
    await f.begin();
    f.pass(2000);
    expect(f.counters.length).toBeGreaterThanOrEqual(9);
    expect(f.counters.length).toBeLessThanOrEqual(10);
  });

  it('passes on a refusal that comes later', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(encodePacket({ type: PacketType.refused }, new TextEncoder().encode('no requests here')));
    expect(f.refused).toEqual(['no requests here']);
  });
});

describe('a series that does not end well', () => {
  it('delivers what had arrived when the link broke', async () => {
    const f = fresh();
    await f.begin();
    const [whole, part] = [f.framePackets(0), f.framePackets(1)];
    f.deliver(concat([...whole, ...part.slice(0, 2)]));
    f.deliver(part[2]!.subarray(0, 60));
    f.breakNow();
    expect(f.lost).toMatchObject([{ code: 'FLIMD_E_LINK_LOST' }]);
    const counters = await f.receiver.endSeries(unknown);
    expect(f.frames.map(({ complete }) => complete)).toEqual([true, false]);
    expect(counters).toMatchObject({
      packetsSent: null,
      packetsReceived: 7,
      packetsLost: 0,
      packetsInvalid: 1,
    });
    expectConserved(counters);
  });

  it('ends a drain when the link breaks meanwhile', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0).slice(0, 4)));
    const done = f.receiver.endSeries({ packetsSent: 6, framesSent: 1, framesDroppedByDevice: 0 });
    expect(await settled(done)).toBe(false);
    f.breakNow();
    expect(await done).toMatchObject({ packetsReceived: 4, packetsLost: 2, framesPublished: 1 });
  });

  it('gives up its frames when aborted, and frees their slots', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0).slice(0, 3)));
    const counters = f.receiver.abortSeries();
    expect(counters).toMatchObject({ framesReceived: 1, framesRejected: 1, framesPublished: 0 });
    expect(f.frames).toHaveLength(0);
    expect(f.pool.inUse).toBe(0);
    f.deliver(f.framePackets(1)[0]!);
    expectConserved(counters);
  });

  it('can be aborted while it drains', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0).slice(0, 3)));
    const done = f.receiver.endSeries({ packetsSent: 6, framesSent: 1, framesDroppedByDevice: 0 });
    await expect(f.receiver.endSeries(unknown)).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    const counters = f.receiver.abortSeries();
    expect(await done).toBe(counters);
    expect(counters).toMatchObject({ packetsLost: 3, framesRejected: 1, framesPublished: 0 });
  });

  it('refuses verbs without a series', async () => {
    const f = fresh();
    await f.receiver.connect('camera');
    expect(() => f.receiver.abortSeries()).toThrow(expect.objectContaining({ code: 'FLIMD_E_STATE' }));
    await expect(f.receiver.endSeries(unknown)).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
  });

  it('shows a device that says it sent less than arrived: the law does not hold', async () => {
    const f = fresh();
    await f.begin();
    f.deliver(concat(f.framePackets(0)));
    const counters = await f.receiver.endSeries({ packetsSent: 3, framesSent: 1, framesDroppedByDevice: 0 });
    expect(checkConservation(counters).map(({ holds }) => holds)).toEqual([false, true]);
  });
});
