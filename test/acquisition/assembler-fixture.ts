import { FrameAssembler, type PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import type { ExpectedOutput } from '../../src/acquisition/row-writer.js';
import { type PacketHeader, PacketType } from '../../src/protocol/packet.js';
import {
  ALL_PLANES,
  endOfFramePayload,
  type FrameEnd,
  headerFor,
  histogramsPayload,
  lifetimesPayload,
} from '../support/packets.js';

export const geometry = { width: 6, height: 8, bins: 5 };
export const SERIES = 3;
export const TIMEOUT_MS = 1000;

export interface FixtureOptions {
  expect?: ExpectedOutput;
  poolSlots?: number;
  maxOpenFrames?: number;
  /** Keep published frames in their slots instead of releasing them after they were read. */
  hold?: boolean;
}

/** What a reader of a published frame sees, copied out of its slot. */
export interface SeenFrame extends PublishedFrame {
  rowsValid: number[];
  histograms: Uint8Array;
  lifetimes: Uint8Array[];
}

const copyBytes = (plane: Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength).slice();

/** An assembler, a pool, a clock to move, and rows to send. */
export class AssemblerFixture {
  now = 0;
  readonly seen: SeenFrame[] = [];
  readonly pool: FramePool;
  readonly assembler: FrameAssembler;
  private readonly standardErrors: boolean;

  constructor({
    expect = { lifetimes: false, standardErrors: false, histograms: true },
    poolSlots = 8,
    maxOpenFrames = 4,
    hold = false,
  }: FixtureOptions = {}) {
    this.pool = FramePool.allocate(
      { ...geometry, histograms: expect.histograms },
      { poolSlots, poolBytes: 1 << 30, leastSlots: 1 },
    );
    this.soilSlots();
    this.standardErrors = expect.standardErrors;
    this.assembler = new FrameAssembler({
      pool: this.pool,
      series: SERIES,
      expect,
      maxOpenFrames,
      frameTimeoutMs: TIMEOUT_MS,
      onFrame: (frame) => this.read(frame, hold),
    });
  }

  get counters() {
    return this.assembler.counters;
  }

  get frameNumbers(): number[] {
    return this.seen.map(({ frame }) => frame);
  }

  histograms(frame: number, firstRow: number, rowCount: number, fields: Partial<PacketHeader> = {}): void {
    const payload = histogramRows(frame, firstRow, rowCount);
    this.send({ type: PacketType.histograms, frame, firstRow, rowCount, ...fields }, payload);
  }

  lifetimes(frame: number, firstRow: number, rowCount: number, fields: Partial<PacketHeader> = {}): void {
    const planes = fields.planes ?? ALL_PLANES;
    const payload = lifetimeRows(frame, firstRow, rowCount, planes);
    this.send({ type: PacketType.lifetimes, frame, firstRow, rowCount, ...fields, planes }, payload);
  }

  end(frame: number, end: FrameEnd = {}): void {
    this.send({ type: PacketType.endOfFrame, frame }, endOfFramePayload(end));
  }

  /** All rows of a frame, `perPacket` at a time, and its end. */
  wholeFrame(frame: number, perPacket = 2): void {
    for (let row = 0; row < geometry.height; row += perPacket) this.histograms(frame, row, perPacket);
    this.end(frame);
  }

  send(fields: Partial<PacketHeader> & { type: number }, payload: Uint8Array): void {
    this.assembler.accept({ ...headerFor(fields, payload), series: SERIES, ...fields }, payload, this.now);
  }

  pass(ms: number): void {
    this.now += ms;
    this.assembler.expire(this.now);
  }

  /** Slots hold leftovers of other frames in real life. */
  private soilSlots(): void {
    for (const { device, histograms, rowsValid } of this.pool.slots) {
      const planes = [
        device.lifetimeAmplitude,
        device.lifetimeIntensity,
        device.photons,
        device.standardErrorAmplitude,
        device.standardErrorIntensity,
        histograms,
        rowsValid,
      ];
      for (const plane of planes) plane.fill(0xab);
    }
  }

  private read(frame: PublishedFrame, hold: boolean): void {
    const { device, histograms, rowsValid } = this.pool.slots[frame.slot]!;
    this.seen.push({
      ...frame,
      rowsValid: [...rowsValid],
      histograms: copyBytes(histograms),
      lifetimes: [
        device.lifetimeAmplitude,
        device.lifetimeIntensity,
        device.photons,
        ...(this.standardErrors ? [device.standardErrorAmplitude, device.standardErrorIntensity] : []),
      ].map(copyBytes),
    });
    if (!hold) this.pool.release(frame.slot);
  }
}

const histogramRowBytes = geometry.width * geometry.bins * 2;
const planeBytes = [2, 2, 4, 2, 2];

/** The histogram bytes of some rows of a frame; every frame has its own. */
export function histogramRows(frame: number, firstRow: number, rowCount: number): Uint8Array {
  const all = histogramsPayload(geometry, geometry.height, frame);
  return all.subarray(firstRow * histogramRowBytes, (firstRow + rowCount) * histogramRowBytes);
}

/** The bytes of one lifetime plane of some rows of a frame. */
export function planeRows(frame: number, plane: number, firstRow: number, rowCount: number): Uint8Array {
  const all = lifetimesPayload(geometry, geometry.height, frame);
  const before = planeBytes.slice(0, plane).reduce((sum, bytes) => sum + bytes, 0);
  const rowBytes = geometry.width * planeBytes[plane]!;
  const from = geometry.height * geometry.width * before + firstRow * rowBytes;
  return all.subarray(from, from + rowCount * rowBytes);
}

/** A lifetimes payload: the planes of `mask` one after another. */
export function lifetimeRows(
  frame: number,
  firstRow: number,
  rowCount: number,
  mask = ALL_PLANES,
): Uint8Array {
  const planes = planeBytes.map((_, plane) => plane).filter((plane) => mask & (1 << plane));
  return Buffer.concat(planes.map((plane) => planeRows(frame, plane, firstRow, rowCount)));
}
