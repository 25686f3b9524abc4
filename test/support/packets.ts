import { Random } from '../../src/random/random.js';
import { encodePacket, type PacketHeader, PacketType } from '../../src/protocol/packet.js';

export const ALL_PLANES = 7;

export interface SmallGeometry {
  width: number;
  height: number;
  bins: number;
}

export function randomBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map(() => random.next());
}

export function concat(runs: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(runs.reduce((sum, run) => sum + run.length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}

/** Packets of sizes from empty to a few KiB, with payloads that tell them apart. */
export function randomPackets(random: Random, count: number, maxPayload = 2000): Uint8Array[] {
  return Array.from({ length: count }, (_, sequence) =>
    encodePacket(
      { type: PacketType.histograms, series: 1, sequence, deviceTicks: random.next() },
      randomBytes(random, random.below(3) === 0 ? random.below(8) : random.below(maxPayload)),
    ),
  );
}

export function histogramsPayload(
  { width, bins }: SmallGeometry,
  rowCount: number,
  seed: number,
): Uint8Array {
  const random = new Random(seed);
  return randomBytes(random, rowCount * width * bins * 2);
}

export function lifetimesPayload({ width }: SmallGeometry, rowCount: number, seed: number): Uint8Array {
  return randomBytes(new Random(seed, 1), rowCount * width * 12);
}

export interface FrameEnd {
  startTicks?: number;
  endTicks?: number;
  packets?: number;
  framesDropped?: number;
}

export function endOfFramePayload({
  startTicks = 0,
  endTicks = 0,
  packets = 0,
  framesDropped = 0,
}: FrameEnd) {
  const payload = new DataView(new ArrayBuffer(24));
  payload.setBigUint64(0, BigInt(startTicks), true);
  payload.setBigUint64(8, BigInt(endTicks), true);
  payload.setUint32(16, packets, true);
  payload.setUint32(20, framesDropped, true);
  return new Uint8Array(payload.buffer);
}

export function endOfSeriesPayload(packets: number, framesSent: number, framesDropped = 0): Uint8Array {
  const payload = new DataView(new ArrayBuffer(12));
  [packets, framesSent, framesDropped].forEach((value, i) => payload.setUint32(4 * i, value, true));
  return new Uint8Array(payload.buffer);
}

/** A header as the decoder hands it on. */
export function headerFor(
  fields: Partial<PacketHeader> & { type: number },
  payload: Uint8Array,
): PacketHeader {
  return {
    planes: 0,
    series: 1,
    frame: 0,
    sequence: 0,
    firstRow: 0,
    rowCount: 0,
    deviceTicks: 0,
    payloadCrc: 0,
    ...fields,
    payloadBytes: payload.length,
  };
}
