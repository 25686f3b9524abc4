import {
  type Crc32c,
  LIFETIME_PLANE_MASK,
  LifetimePlane,
  PACKET_HEADER_BYTES,
  PacketType,
  STANDARD_ERROR_PLANE_MASK,
  lifetimePlanes,
  sealPacket,
} from '../protocol/index.js';
import type { FramePlanes } from './frame-planes.js';
import type { PacketOutlet } from './packet-outlet.js';

const pixelBytes = (mask: number): number =>
  lifetimePlanes.reduce((sum, { name, bytes }) => sum + (LifetimePlane[name] & mask ? bytes : 0), 0);
const LIFETIME_PIXEL_BYTES = pixelBytes(LIFETIME_PLANE_MASK);
const STANDARD_ERROR_PIXEL_BYTES = pixelBytes(STANDARD_ERROR_PLANE_MASK);
const END_OF_FRAME_BYTES = 24;
const END_OF_SERIES_BYTES = 12;
const TWO_32 = 0x1_0000_0000;

/** Bytes of one image row in a histograms and in a lifetimes packet. */
export const histogramRowBytes = (width: number, bins: number): number => width * bins * 2;
export const lifetimeRowBytes = (width: number, standardErrors: boolean): number =>
  width * (LIFETIME_PIXEL_BYTES + (standardErrors ? STANDARD_ERROR_PIXEL_BYTES : 0));

/** Turns frames into the packets of one series (docs/protocol.md). Multi-byte values are written little-endian. */
export class Packetizer {
  /** Packets of the series so far; the next packet's sequence number. */
  packets = 0;
  private frame = 0;
  private packetsBeforeFrame = 0;

  constructor(
    private readonly outlet: PacketOutlet,
    private readonly series: number,
    private readonly ticks: () => number,
    private readonly crc: Crc32c,
  ) {}

  beginFrame(frame: number): void {
    this.frame = frame;
    this.packetsBeforeFrame = this.packets;
  }

  histograms(planes: FramePlanes, firstRow: number, rowCount: number): void {
    const perRow = planes.width * planes.bins;
    const rows = planes.histograms.subarray(firstRow * perRow, (firstRow + rowCount) * perRow);
    const packet = this.reserve(rows.byteLength);
    packet.set(bytesOf(rows), PACKET_HEADER_BYTES);
    this.seal(packet, PacketType.histograms, rows.byteLength, { firstRow, rowCount });
  }

  lifetimes(planes: FramePlanes, firstRow: number, rowCount: number, standardErrors: boolean): void {
    const from = firstRow * planes.width;
    const to = from + rowCount * planes.width;
    const payloadBytes = rowCount * lifetimeRowBytes(planes.width, standardErrors);
    const packet = this.reserve(payloadBytes);
    let at = PACKET_HEADER_BYTES;
    const put = (plane: Uint16Array | Uint32Array): void => {
      const rows = bytesOf(plane.subarray(from, to));
      packet.set(rows, at);
      at += rows.length;
    };
    put(planes.lifetimeAmplitude);
    put(planes.lifetimeIntensity);
    put(planes.photons);
    if (standardErrors) {
      put(planes.standardErrorAmplitude);
      put(planes.standardErrorIntensity);
    }
    const mask = LIFETIME_PLANE_MASK | (standardErrors ? STANDARD_ERROR_PLANE_MASK : 0);
    this.seal(packet, PacketType.lifetimes, payloadBytes, { planes: mask, firstRow, rowCount });
  }

  endOfFrame(startTicks: number, endTicks: number, framesDropped: number): void {
    const { packet, payload } = this.reserveWords(END_OF_FRAME_BYTES);
    setUint64(payload, 0, startTicks);
    setUint64(payload, 8, endTicks);
    payload.setUint32(16, this.packets - this.packetsBeforeFrame + 1, true);
    payload.setUint32(20, framesDropped, true);
    this.seal(packet, PacketType.endOfFrame, END_OF_FRAME_BYTES);
    this.outlet.flush();
  }

  telemetry(words: ArrayLike<number>): void {
    const { packet, payload } = this.reserveWords(words.length * 4);
    for (let i = 0; i < words.length; i++) payload.setUint32(i * 4, words[i]!, true);
    this.seal(packet, PacketType.telemetry, words.length * 4);
    this.outlet.flush();
  }

  endOfSeries(framesSent: number, framesDropped: number): void {
    const { packet, payload } = this.reserveWords(END_OF_SERIES_BYTES);
    payload.setUint32(0, this.packets + 1, true);
    payload.setUint32(4, framesSent, true);
    payload.setUint32(8, framesDropped, true);
    this.seal(packet, PacketType.endOfSeries, END_OF_SERIES_BYTES);
    this.outlet.endSeries();
  }

  private reserve(payloadBytes: number): Uint8Array {
    return this.outlet.reserve(PACKET_HEADER_BYTES + payloadBytes);
  }

  private reserveWords(payloadBytes: number): { packet: Uint8Array; payload: DataView } {
    const packet = this.reserve(payloadBytes);
    return {
      packet,
      payload: new DataView(packet.buffer, packet.byteOffset + PACKET_HEADER_BYTES, payloadBytes),
    };
  }

  private seal(
    packet: Uint8Array,
    type: PacketType,
    payloadBytes: number,
    rows: { planes?: number; firstRow?: number; rowCount?: number } = {},
  ): void {
    sealPacket(
      packet,
      0,
      {
        type,
        planes: rows.planes ?? 0,
        series: this.series,
        frame: this.frame,
        sequence: this.packets,
        firstRow: rows.firstRow ?? 0,
        rowCount: rows.rowCount ?? 0,
        payloadBytes,
        deviceTicks: this.ticks(),
      },
      this.crc,
    );
    this.packets++;
    this.outlet.commit(PACKET_HEADER_BYTES + payloadBytes);
  }
}

function bytesOf(words: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_32, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}
