// Decoder and assembler throughput; prints one JSON object. Best of several passes: the machine may be shared.
import { FrameAssembler } from '../dist/acquisition/frame-assembler.js';
import { FramePool } from '../dist/acquisition/frame-pool.js';
import { PacketDecoder } from '../dist/acquisition/packet-decoder.js';
import { nativeCrc32c } from '../dist/lifetime/native.js';
import { crc32c } from '../dist/protocol/crc32c.js';
import { PACKET_HEADER_BYTES, PacketType, sealPacket } from '../dist/protocol/packet.js';

const PASSES = 7;
const GEOMETRY = { width: 128, height: 128, bins: 64, histograms: true };
const ROWS_PER_PACKET = 4;
const PAYLOAD_BYTES = ROWS_PER_PACKET * GEOMETRY.width * GEOMETRY.bins * 2;
const FRAMES = 16;
const SOCKET_READ_BYTES = 128 * 1024;

/** Best rate of several passes; `work` returns how much it did. */
function best(work) {
  let rate = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const start = performance.now();
    const amount = work();
    rate = Math.max(rate, amount / (performance.now() - start));
  }
  return rate * 1000;
}

function packet(header, payloadBytes, fill) {
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + payloadBytes);
  for (let at = PACKET_HEADER_BYTES; at < bytes.length; at++) bytes[at] = (at * fill) & 0xff;
  const fields = { planes: 0, series: 1, firstRow: 0, rowCount: 0, deviceTicks: 0, payloadBytes, ...header };
  sealPacket(bytes, 0, fields, nativeCrc32c);
  return bytes;
}

/** The packets of some frames of histograms in packets of 64 KiB. */
function histogramPackets() {
  const packets = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let firstRow = 0; firstRow < GEOMETRY.height; firstRow += ROWS_PER_PACKET) {
      const header = { type: PacketType.histograms, frame, firstRow, rowCount: ROWS_PER_PACKET };
      packets.push(packet({ ...header, sequence: packets.length }, PAYLOAD_BYTES, packets.length + 1));
    }
    packets.push(packet({ type: PacketType.endOfFrame, frame, sequence: packets.length }, 24, 1));
  }
  return packets;
}

function decode(stream, crc, feed) {
  let packets = 0;
  const decoder = new PacketDecoder({ crc, onPacket: () => packets++ });
  return () => {
    packets = 0;
    feed(decoder, stream);
    if (packets === 0 || decoder.counters.packetsInvalid > 0) throw new Error('the stream did not decode');
    return stream.length;
  };
}

function push(decoder, stream) {
  for (let at = 0; at < stream.length; at += SOCKET_READ_BYTES) {
    decoder.push(stream.subarray(at, at + SOCKET_READ_BYTES));
  }
}

/** As a socket does it: into the decoder's room, as much as one read brings. */
function reserveAndCommit(decoder, stream) {
  for (let at = 0; at < stream.length;) {
    const room = decoder.reserve();
    const bytes = Math.min(room.length, SOCKET_READ_BYTES, stream.length - at);
    room.set(stream.subarray(at, at + bytes));
    decoder.commit(bytes);
    at += bytes;
  }
}

/** Bytes appear in the decoder's room at no cost: what decoding alone can do. */
function decodingAlone(stream, crc) {
  let packets = 0;
  const decoder = new PacketDecoder({ crc, onPacket: () => packets++ });
  const perRead = Math.floor(SOCKET_READ_BYTES / (PACKET_HEADER_BYTES + PAYLOAD_BYTES));
  const bytes = perRead * (PACKET_HEADER_BYTES + PAYLOAD_BYTES);
  decoder.reserve().set(stream.subarray(0, bytes));
  return () => {
    for (let read = 0; read < 1000; read++) {
      decoder.reserve();
      decoder.commit(bytes);
    }
    if (packets % perRead !== 0 || decoder.counters.packetsInvalid > 0) throw new Error('did not decode');
    return bytes * 1000;
  };
}

function assemble(stream, crc) {
  const pool = FramePool.allocate(GEOMETRY, { poolSlots: 4, poolBytes: 1 << 30, leastSlots: 2 });
  let published = 0;
  const run = () => {
    let packets = 0;
    const assembler = new FrameAssembler({
      pool,
      series: 1,
      expect: { lifetimes: false, standardErrors: false, histograms: true },
      maxOpenFrames: 4,
      frameTimeoutMs: 1000,
      onFrame: ({ slot, complete }) => {
        if (complete) published++;
        pool.release(slot);
      },
    });
    const decoder = new PacketDecoder({
      crc,
      onPacket: (header, payload) => {
        packets++;
        assembler.accept(header, payload, 0);
      },
    });
    published = 0;
    reserveAndCommit(decoder, stream);
    if (published !== FRAMES) throw new Error(`${published} frames of ${FRAMES}`);
    return packets;
  };
  return run;
}

/** The assembler without the decoder: small lifetimes packets, where the cost per packet shows. */
function assembleSmall() {
  const geometry = { width: 128, height: 128, bins: 64, histograms: false };
  const pool = FramePool.allocate(geometry, { poolSlots: 4, poolBytes: 1 << 30, leastSlots: 2 });
  const payload = new Uint8Array(geometry.width * 8);
  const end = new Uint8Array(24);
  const header = { type: 0, planes: 7, series: 1, frame: 0, firstRow: 0, rowCount: 1, deviceTicks: 0 };
  return () => {
    const assembler = new FrameAssembler({
      pool,
      series: 1,
      expect: { lifetimes: true, standardErrors: false, histograms: false },
      maxOpenFrames: 4,
      frameTimeoutMs: 1000,
      onFrame: ({ slot }) => pool.release(slot),
    });
    const frames = 500;
    for (let frame = 0; frame < frames; frame++) {
      header.frame = frame;
      header.type = PacketType.lifetimes;
      header.payloadBytes = payload.length;
      for (header.firstRow = 0; header.firstRow < geometry.height; header.firstRow++) {
        assembler.accept(header, payload, 0);
      }
      header.type = PacketType.endOfFrame;
      header.payloadBytes = end.length;
      assembler.accept(header, end, 0);
    }
    if (assembler.counters.framesPublished !== frames) throw new Error('frames are missing');
    return frames * (geometry.height + 1);
  };
}

const packets = histogramPackets();
const stream = Buffer.concat(packets);
const gigabytes = (bytesPerSecond) => Number((bytesPerSecond / 1e9).toFixed(3));
const thousands = (perSecond) => Math.round(perSecond / 1000) * 1000;

process.stdout.write(
  `${JSON.stringify({
    payloadBytes: PAYLOAD_BYTES,
    streamBytes: stream.length,
    gigabytesPerSecond: {
      portableCrc: {
        push: gigabytes(best(decode(stream, crc32c, push))),
        reserveCommit: gigabytes(best(decode(stream, crc32c, reserveAndCommit))),
        decodingAlone: gigabytes(best(decodingAlone(stream, crc32c))),
      },
      nativeCrc: {
        push: gigabytes(best(decode(stream, nativeCrc32c, push))),
        reserveCommit: gigabytes(best(decode(stream, nativeCrc32c, reserveAndCommit))),
        decodingAlone: gigabytes(best(decodingAlone(stream, nativeCrc32c))),
      },
      decodedAndAssembled: gigabytes((best(assemble(stream, nativeCrc32c)) * stream.length) / packets.length),
    },
    packetsPerSecond: {
      decodedAndAssembled64KiB: thousands(best(assemble(stream, nativeCrc32c))),
      assembled1KiBLifetimes: thousands(best(assembleSmall())),
    },
  })}\n`,
);
