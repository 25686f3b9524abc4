import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../src/acquisition/packet-decoder.js';
import { Random } from '../../src/random/random.js';
import {
  encodePacket,
  PACKET_HEADER_BYTES,
  PACKET_MAX_PAYLOAD_BYTES,
  PacketType,
} from '../../src/protocol/packet.js';
import { concat, randomBytes, randomPackets } from '../support/packets.js';

/** A decoder that keeps what it decodes as whole packets again, for comparison with what was sent. */
function collector(maxPayloadBytes = 4096) {
  const packets: Uint8Array[] = [];
  const decoder = new PacketDecoder({
    maxPayloadBytes,
    onPacket: (header, payload) => packets.push(encodePacket({ ...header }, payload)),
  });
  return { decoder, packets };
}

/** Bytes as text, which compares much faster than elements. */
const texts = (packets: readonly Uint8Array[]): string[] =>
  packets.map((packet) => Buffer.from(packet).toString('base64'));

function expectAllBytesAccounted(decoder: PacketDecoder, packets: readonly Uint8Array[]): void {
  const decoded = packets.reduce((sum, packet) => sum + packet.length, 0);
  expect(decoder.counters.packetsDecoded).toBe(packets.length);
  expect(decoder.counters.bytesReceived).toBe(decoded + decoder.counters.bytesSkipped + decoder.pendingBytes);
}

function pushInPieces(decoder: PacketDecoder, bytes: Uint8Array, random: Random, most: number): void {
  for (let at = 0; at < bytes.length;) {
    const piece = 1 + random.below(most);
    decoder.push(bytes.subarray(at, at + piece));
    at += piece;
  }
}

describe('PacketDecoder on a sound stream', () => {
  it.each([1, 2, 7, 47, 48, 49, 1000, 100_000])(
    'gives the same packets however the stream is split (pieces up to %i bytes)',
    (most) => {
      const random = new Random(1, most);
      const sent = randomPackets(random, most < 48 ? 60 : 400);
      const { decoder, packets } = collector();
      pushInPieces(decoder, concat(sent), random, most);
      expect(texts(packets)).toEqual(texts(sent));
      expect(decoder.counters).toMatchObject({ packetsInvalid: 0, bytesSkipped: 0 });
      expectAllBytesAccounted(decoder, packets);
    },
  );

  it('gives the same packets for every place at which three packets can be split in two', () => {
    const sent = randomPackets(new Random(2), 3, 60);
    const stream = concat(sent);
    for (let at = 0; at <= stream.length; at++) {
      const { decoder, packets } = collector();
      decoder.push(stream.subarray(0, at));
      decoder.push(stream.subarray(at));
      expect(texts(packets)).toEqual(texts(sent));
    }
  });

  it('reads bytes that were written into its own room, for far longer than its buffer', () => {
    const random = new Random(3);
    const sent = randomPackets(random, 50, 4000);
    const { decoder, packets } = collector();
    const rounds = 40;
    const stream = concat(sent);
    const firstRoom = decoder.reserve().length;
    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < stream.length;) {
        const room = decoder.reserve();
        const bytes = Math.min(1 + random.below(9000), room.length, stream.length - at);
        room.set(stream.subarray(at, at + bytes));
        decoder.commit(bytes);
        at += bytes;
      }
    }
    expect(stream.length * rounds).toBeGreaterThan(4 * firstRoom);
    expect(packets).toHaveLength(sent.length * rounds);
    expect(texts(packets.slice(-sent.length))).toEqual(texts(sent));
    expectAllBytesAccounted(decoder, packets);
  });

  it('finds the same in bytes of somebody else’s, whole packets or not, sound or not', () => {
    const random = new Random(11);
    const stream = concat(randomPackets(random, 300, 3000));
    for (let i = 0; i < 40; i++) stream[random.below(stream.length)]! ^= 1 + random.below(255);
    const copied = collector();
    const inPlace = collector();
    for (let at = 0; at < stream.length;) {
      const run = stream.slice(at, at + 1 + random.below(12_000));
      copied.decoder.push(run);
      inPlace.decoder.take(run);
      run.fill(0xa5);
      at += run.length;
    }
    expect(copied.packets.length).toBeGreaterThan(200);
    expect(texts(inPlace.packets)).toEqual(texts(copied.packets));
    expect(inPlace.decoder.counters).toEqual(copied.decoder.counters);
  });

  it('takes packets of the greatest length, back to back', () => {
    const payload = randomBytes(new Random(4), PACKET_MAX_PAYLOAD_BYTES);
    const sent = [0, 1, 2, 3].map((sequence) =>
      encodePacket({ type: PacketType.histograms, sequence }, payload),
    );
    const { decoder, packets } = collector(PACKET_MAX_PAYLOAD_BYTES);
    for (const packet of sent) decoder.push(packet);
    expect(packets.map((packet) => packet.length)).toEqual(sent.map((packet) => packet.length));
  });

  it('always has room, also with the longest unfinished packet inside', () => {
    const { decoder } = collector(4096);
    const packet = encodePacket({ type: 1 }, new Uint8Array(4096));
    for (let round = 0; round < 300; round++) {
      decoder.push(packet.subarray(0, packet.length - 1));
      expect(decoder.reserve().length).toBeGreaterThan(0);
      decoder.push(packet.subarray(packet.length - 1));
    }
    expect(decoder.counters.packetsDecoded).toBe(300);
  });

  it('gives an exact device clock and 32-bit fields without sign', () => {
    let seen: unknown;
    const decoder = new PacketDecoder({ onPacket: (header) => (seen = { ...header }) });
    const fields = {
      type: 1,
      series: 0xffffffff,
      frame: 0xfffffffe,
      sequence: 0x80000000,
      deviceTicks: 2 ** 53 - 1,
    };
    decoder.push(encodePacket(fields));
    expect(seen).toMatchObject(fields);
  });
});

describe('PacketDecoder on a damaged stream', () => {
  const keep = (sent: readonly Uint8Array[], lost: ReadonlySet<number>): string[] =>
    texts(sent.filter((_, i) => !lost.has(i)));

  it('finds every packet between runs of garbage, with magic words in it', () => {
    const random = new Random(10);
    const sent = randomPackets(random, 200);
    const runs = sent.flatMap((packet) => {
      const garbage = randomBytes(random, random.below(300));
      if (garbage.length > 60) garbage.set([0x46, 0x4c, 0x49, 0x4d, 1], random.below(50));
      return [garbage, packet];
    });
    const { decoder, packets } = collector();
    pushInPieces(decoder, concat(runs), random, 700);
    expect(texts(packets)).toEqual(texts(sent));
    expect(decoder.counters.packetsInvalid).toBeGreaterThan(50);
    expectAllBytesAccounted(decoder, packets);
  });

  it('finds a packet behind every prefix of a header, and behind the beginning of a magic word', () => {
    const [packet] = randomPackets(new Random(11), 1, 100) as [Uint8Array];
    for (let cut = 1; cut < PACKET_HEADER_BYTES; cut++) {
      const { decoder, packets } = collector();
      decoder.push(packet.subarray(0, cut));
      decoder.push(packet);
      decoder.flush();
      expect(texts(packets)).toEqual(texts([packet]));
      expect(decoder.counters.bytesSkipped).toBe(cut);
    }
  });

  it('finds a packet whose first byte completes a header that was cut by one byte', () => {
    const first = PACKET_HEADER_BYTES - 1;
    const cut = (sequence: number) =>
      encodePacket({ type: PacketType.histograms, sequence }, Uint8Array.of(7));
    let sequence = 0;
    while (cut(sequence)[first] !== 'F'.charCodeAt(0)) sequence++;
    const sent = randomPackets(new Random(31), 5);
    const { decoder, packets } = collector();
    decoder.push(concat([cut(sequence).subarray(0, first), ...sent]));
    expect(texts(packets)).toEqual(texts(sent));
    expectAllBytesAccounted(decoder, packets);
  });

  it('loses only the truncated packets, wherever they are cut, when others follow', () => {
    const random = new Random(12);
    const sent = randomPackets(random, 300);
    const lost = new Set<number>();
    const runs = sent.map((packet, i) => {
      if (random.below(4) !== 0) return packet;
      lost.add(i);
      return packet.subarray(0, random.below(packet.length));
    });
    const { decoder, packets } = collector();
    pushInPieces(decoder, concat(runs), random, 5000);
    decoder.flush();
    expect(texts(packets)).toEqual(keep(sent, lost));
    expect(lost.size).toBeGreaterThan(30);
    expectAllBytesAccounted(decoder, packets);
  });

  it('loses only the corrupted packets, whichever byte is wrong', () => {
    const sent = randomPackets(new Random(13), 3, 40);
    const [first, second, third] = sent as [Uint8Array, Uint8Array, Uint8Array];
    for (let at = 0; at < second.length; at++) {
      const damaged = second.slice();
      damaged[at]! ^= 0x5a;
      const { decoder, packets } = collector();
      decoder.push(concat([first, damaged, third]));
      decoder.flush();
      expect(texts(packets)).toEqual(texts([first, third]));
    }
  });

  it('never throws and never invents a packet, whatever is changed in the stream', () => {
    const random = new Random(14);
    const sent = randomPackets(random, 40, 500);
    const known = new Set(texts(sent));
    for (let round = 0; round < 300; round++) {
      const { decoder, packets } = collector();
      pushInPieces(decoder, mutate(concat(sent), random), random, 3000);
      decoder.rescan();
      decoder.flush();
      for (const packet of texts(packets)) expect(known.has(packet)).toBe(true);
      expect(packets.length).toBeGreaterThan(0);
      expectAllBytesAccounted(decoder, packets);
      expect(decoder.pendingBytes).toBe(0);
    }
  });

  it('does not believe a sound header that announces more than the limit', () => {
    const { decoder, packets } = collector(100);
    decoder.push(encodePacket({ type: 1 }, new Uint8Array(101)));
    decoder.push(encodePacket({ type: 1 }, new Uint8Array(100)));
    expect(packets).toHaveLength(1);
    expect(decoder.counters.packetsInvalid).toBe(1);
  });

  it('goes on after its reader has thrown', () => {
    let calls = 0;
    const decoder = new PacketDecoder({
      onPacket: () => {
        if (calls++ === 0) throw new Error('reader');
      },
    });
    expect(() => decoder.push(encodePacket({ type: 1 }))).toThrow('reader');
    decoder.push(encodePacket({ type: 1 }));
    expect(calls).toBe(2);
  });
});

describe('PacketDecoder on an idle link', () => {
  const random = new Random(20);
  const long = encodePacket({ type: 1, sequence: 1 }, randomBytes(random, 3000));
  const short = encodePacket({ type: 1, sequence: 2 }, randomBytes(random, 30));

  it('holds packets that follow a truncated one until the rescan frees them', () => {
    const { decoder, packets } = collector();
    decoder.push(concat([long.subarray(0, 1000), short, short]));
    expect(packets).toHaveLength(0);
    decoder.rescan();
    expect(texts(packets)).toEqual(texts([short, short]));
    expect(decoder.counters).toMatchObject({ packetsInvalid: 1, bytesSkipped: 1000 });
    expect(decoder.pendingBytes).toBe(0);
  });

  it('keeps an unfinished packet through a rescan: the link may only be slow', () => {
    const { decoder, packets } = collector();
    for (const cut of [20, 48, 49, 2999]) {
      decoder.push(long.subarray(0, cut));
      decoder.rescan();
      decoder.push(long.subarray(cut));
    }
    expect(packets).toHaveLength(4);
    expect(decoder.counters).toMatchObject({ packetsInvalid: 0, bytesSkipped: 0 });
  });

  it('keeps an unfinished packet behind a truncated one', () => {
    const { decoder, packets } = collector();
    decoder.push(concat([long.subarray(0, 700), short, long.subarray(0, 800)]));
    decoder.rescan();
    decoder.push(long.subarray(800));
    expect(texts(packets)).toEqual(texts([short, long]));
  });

  it('sees through several truncated packets in a row', () => {
    const { decoder, packets } = collector();
    decoder.push(concat([long.subarray(0, 100), long.subarray(0, 60), long.subarray(0, 49), short]));
    decoder.rescan();
    expect(texts(packets)).toEqual(texts([short]));
  });

  it('does not take a magic word or a damaged packet inside the unfinished one for a proof', () => {
    const damaged = short.slice();
    damaged[damaged.length - 1]! ^= 1;
    const { decoder, packets } = collector();
    decoder.push(concat([long.subarray(0, 100), long.subarray(0, 4), damaged]));
    const pending = decoder.pendingBytes;
    decoder.rescan();
    expect(decoder.pendingBytes).toBe(pending);
    expect(packets).toHaveLength(0);
  });

  it('does not complete a packet with what an earlier one left in the buffer', () => {
    const { decoder, packets } = collector();
    decoder.push(concat([new Uint8Array(100), short]));
    expect(packets).toHaveLength(1);
    decoder.push(concat([long.subarray(0, 100), short.subarray(0, short.length - 5)]));
    decoder.rescan();
    expect(packets).toHaveLength(1);
    decoder.push(short.subarray(short.length - 5));
    decoder.rescan();
    expect(texts(packets)).toEqual(texts([short, short]));
  });

  it('gives up what is unfinished when the link has ended, and every packet inside it', () => {
    const { decoder, packets } = collector();
    decoder.push(concat([long.subarray(0, 100), long.subarray(0, 200), short, long.subarray(0, 30)]));
    decoder.flush();
    expect(texts(packets)).toEqual(texts([short]));
    expect(decoder.pendingBytes).toBe(0);
    expect(decoder.counters).toMatchObject({ packetsInvalid: 3, bytesSkipped: 330 });
    decoder.push(short);
    expect(packets).toHaveLength(2);
  });

  it('may be flushed while room is reserved: a socket read is under way then', () => {
    const { decoder, packets } = collector();
    decoder.push(long.subarray(0, 100));
    const room = decoder.reserve();
    decoder.flush();
    room.set(short);
    decoder.commit(short.length);
    expect(texts(packets)).toEqual(texts([short]));
  });
});

/** Flips, deletes, repeats and inserts at random places. */
function mutate(stream: Uint8Array, random: Random): Uint8Array {
  let bytes = stream.slice();
  for (let changes = 1 + random.below(8); changes > 0; changes--) {
    const at = random.below(bytes.length);
    const length = 1 + random.below(200);
    switch (random.below(4)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        bytes = concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 2:
        bytes = concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      default:
        bytes = concat([bytes.subarray(0, at), randomBytes(random, length), bytes.subarray(at)]);
    }
  }
  return bytes;
}
