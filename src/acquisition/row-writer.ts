import {
  LIFETIME_PLANE_MASK,
  LifetimePlane,
  lifetimePlanes,
  type PacketHeader,
  PacketType,
  STANDARD_ERROR_PLANE_MASK,
} from '../protocol/packet.js';
import type { FrameGeometry, FrameSlot } from './frame-slot.js';

/** What a run sends of every row. */
export interface ExpectedOutput {
  lifetimes: boolean;
  /** The lifetimes packets bring the standard errors along. */
  standardErrors: boolean;
  histograms: boolean;
}

/** Parts of a row, as bits: the lifetime planes as on the wire, and the histograms. */
const HISTOGRAMS_PART = 32;
const ALL_LIFETIME_PARTS = LIFETIME_PLANE_MASK | STANDARD_ERROR_PLANE_MASK;

/** Where a plane is in a packet, and its bytes per pixel; in payload order. */
const planeLayout = lifetimePlanes.map(({ name, bytes }) => ({ bit: LifetimePlane[name], bytes }));

export const partsOf = ({ lifetimes, standardErrors, histograms }: ExpectedOutput): number =>
  (lifetimes ? LIFETIME_PLANE_MASK : 0) |
  (standardErrors ? STANDARD_ERROR_PLANE_MASK : 0) |
  (histograms ? HISTOGRAMS_PART : 0);

/** Knows where the rows of a packet lie in its payload and in a slot. Payload and memory are little-endian. */
export class RowWriter {
  private readonly expectedParts: number;

  constructor(
    private readonly geometry: FrameGeometry,
    expected: ExpectedOutput,
  ) {
    this.expectedParts = partsOf(expected);
  }

  /**
   * The parts of a row that the packet brings; 0 where the packet is not one the run expects, or its rows or its
   * length do not fit the frame.
   */
  partsIn(header: Readonly<PacketHeader>): number {
    const parts = claimedParts(header);
    const { firstRow, rowCount } = header;
    const fits =
      parts !== 0 &&
      (parts & ~this.expectedParts) === 0 &&
      rowCount > 0 &&
      firstRow + rowCount <= this.geometry.height &&
      header.payloadBytes === rowCount * this.rowBytes(parts);
    return fits ? parts : 0;
  }

  /** Copies the rows of a packet for which `partsIn` is not 0. */
  write(header: Readonly<PacketHeader>, payload: Uint8Array, slot: SlotBytes): void {
    if (header.type === PacketType.histograms) {
      slot.histograms.set(payload, header.firstRow * this.rowBytes(HISTOGRAMS_PART));
      return;
    }
    const { width } = this.geometry;
    let from = 0;
    for (let i = 0; i < planeLayout.length; i++) {
      const { bit, bytes } = planeLayout[i]!;
      if ((header.planes & bit) === 0) continue;
      const to = from + header.rowCount * width * bytes;
      slot.lifetimes[i]!.set(payload.subarray(from, to), header.firstRow * width * bytes);
      from = to;
    }
  }

  /** Zeroes a row, so that nothing of the slot's last frame shows where this one has nothing. */
  clear(row: number, slot: SlotBytes): void {
    const { width } = this.geometry;
    planeLayout.forEach(({ bytes }, i) =>
      slot.lifetimes[i]!.fill(0, row * width * bytes, (row + 1) * width * bytes),
    );
    const rowBytes = this.rowBytes(HISTOGRAMS_PART);
    slot.histograms.fill(0, row * rowBytes, (row + 1) * rowBytes);
  }

  private rowBytes(parts: number): number {
    const { width, bins } = this.geometry;
    let pixelBytes = (parts & HISTOGRAMS_PART) !== 0 ? 2 * bins : 0;
    for (let i = 0; i < planeLayout.length; i++) {
      if ((parts & planeLayout[i]!.bit) !== 0) pixelBytes += planeLayout[i]!.bytes;
    }
    return width * pixelBytes;
  }
}

function claimedParts({ type, planes }: Readonly<PacketHeader>): number {
  if (type === PacketType.histograms) return HISTOGRAMS_PART;
  return (planes & ~ALL_LIFETIME_PARTS) === 0 ? planes : 0;
}

/** The planes that come over the link, as bytes. */
export class SlotBytes {
  /** In the order of `planeLayout`. */
  readonly lifetimes: readonly Uint8Array[];
  readonly histograms: Uint8Array;

  constructor({ device, histograms }: FrameSlot) {
    this.lifetimes = [
      device.lifetimeAmplitude,
      device.lifetimeIntensity,
      device.photons,
      device.standardErrorAmplitude,
      device.standardErrorIntensity,
    ].map(bytesOf);
    this.histograms = bytesOf(histograms);
  }
}

function bytesOf(plane: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
}
