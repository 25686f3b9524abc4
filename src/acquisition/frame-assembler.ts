import { type PacketHeader, PacketType } from '../protocol/packet.js';
import type { RunCounters } from '../protocol/stream.js';
import type { FramePool } from './frame-pool.js';
import { NumberWindow } from './number-window.js';
import { OpenFrame } from './open-frame.js';
import { endOfFrameFrom } from './packet-payloads.js';
import { type ExpectedOutput, partsOf, RowWriter, SlotBytes } from './row-writer.js';

/** A frame handed on. Its slot belongs to the reader until it is released. */
export interface PublishedFrame {
  slot: number;
  series: number;
  /** Device frame number in the series. */
  frame: number;
  /** Every row arrived; otherwise see `rowsValid` of the slot. */
  complete: boolean;
  hasLifetimes: boolean;
  hasHistograms: boolean;
  /** Device clock, ticks. */
  startTicks: number;
  endTicks: number;
}

export interface FrameAssemblerOptions {
  pool: FramePool;
  series: number;
  expect: ExpectedOutput;
  /** A frame is given up, or delivered as it is, when one this much newer begins. */
  maxOpenFrames: number;
  /** The same when no packet of it came for so long. */
  frameTimeoutMs: number;
  onFrame(frame: PublishedFrame): void;
}

export type FrameCounters = Pick<
  RunCounters,
  | 'packetsLate'
  | 'packetsInvalid'
  | 'framesPublished'
  | 'framesPartial'
  | 'framesRejected'
  | 'framesDropped'
  | 'framesTimedOut'
  | 'framesDroppedByDevice'
  | 'poolHighWater'
>;

const FRAME_WINDOW = 1 << 16;

/**
 * Puts the rows of packets into frame buffers. Several frames are open at once, because packets may be reordered;
 * frames are published in the order in which they become whole.
 */
export class FrameAssembler {
  readonly counters: FrameCounters = {
    packetsLate: 0,
    packetsInvalid: 0,
    framesPublished: 0,
    framesPartial: 0,
    framesRejected: 0,
    framesDropped: 0,
    framesTimedOut: 0,
    framesDroppedByDevice: 0,
    poolHighWater: 0,
  };
  /** Numbers of the frames of which a packet arrived. */
  readonly frames = new NumberWindow(FRAME_WINDOW);
  private readonly open = new Map<number, OpenFrame>();
  private readonly writer: RowWriter;
  private readonly slotBytes: SlotBytes[];
  private readonly expectedParts: number;

  constructor(private readonly options: FrameAssemblerOptions) {
    const { pool, expect } = options;
    this.writer = new RowWriter(pool.geometry, expect);
    this.slotBytes = pool.slots.map((slot) => new SlotBytes(slot));
    this.expectedParts = partsOf(expect);
  }

  /** A lifetimes, histograms or endOfFrame packet, each once; `now` is the host's clock in ms. */
  accept(header: Readonly<PacketHeader>, payload: Uint8Array, now: number): void {
    const frame = this.frameOf(header, now);
    if (!frame) {
      this.counters.packetsLate++;
      return;
    }
    frame.lastPacketAt = now;
    const sound =
      header.type === PacketType.endOfFrame ? this.end(frame, payload) : this.store(frame, header, payload);
    if (!sound) this.counters.packetsInvalid++;
    if (frame.whole) this.close(frame);
  }

  /** Closes the frames of which nothing came for too long. */
  expire(now: number): void {
    for (const frame of this.open.values()) {
      if (now - frame.lastPacketAt < this.options.frameTimeoutMs) continue;
      this.counters.framesTimedOut++;
      this.close(frame);
    }
  }

  /** Nothing more will come: closes all frames, oldest first. */
  finish(): void {
    this.closeUpTo(this.frames.highest);
  }

  /** Gives up all open frames. */
  abort(): void {
    for (const frame of this.open.values()) this.reject(frame);
  }

  /** The open frame of a packet, opened if need be; null where it is closed, given up, or there is no buffer. */
  private frameOf(header: Readonly<PacketHeader>, now: number): OpenFrame | null {
    const number = this.frames.unwrap(header.frame);
    const known = this.open.get(number);
    if (known) return known;
    const arrival = this.frames.observe(header.frame);
    if (arrival === 'repeated') return null;
    if (arrival === 'next') this.closeUpTo(number - this.options.maxOpenFrames);
    return this.begin(number, now);
  }

  private begin(number: number, now: number): OpenFrame | null {
    const { pool, maxOpenFrames } = this.options;
    const outOfTime = number <= this.frames.highest - maxOpenFrames;
    const slot = outOfTime ? -1 : pool.acquire();
    if (slot < 0) {
      this.counters.framesRejected++;
      if (!outOfTime) this.counters.framesDropped++;
      return null;
    }
    this.counters.poolHighWater = Math.max(this.counters.poolHighWater, pool.inUse);
    const frame = new OpenFrame(number, slot, pool.geometry.height, this.expectedParts, now);
    this.open.set(number, frame);
    return frame;
  }

  private store(frame: OpenFrame, header: Readonly<PacketHeader>, payload: Uint8Array): boolean {
    const parts = this.writer.partsIn(header);
    if (parts === 0) return false;
    this.writer.write(header, payload, this.slotBytes[frame.slot]!);
    frame.rowsArrived(header.firstRow, header.rowCount, parts);
    frame.packetMadeAt(header.deviceTicks);
    return true;
  }

  private end(frame: OpenFrame, payload: Uint8Array): boolean {
    const end = endOfFrameFrom(payload);
    if (!end) return false;
    frame.end(end.startTicks, end.endTicks);
    this.counters.framesDroppedByDevice = Math.max(this.counters.framesDroppedByDevice, end.framesDropped);
    return true;
  }

  private closeUpTo(number: number): void {
    const due = [...this.open.values()].filter(({ frame }) => frame <= number);
    for (const frame of due.sort((a, b) => a.frame - b.frame)) this.close(frame);
  }

  private close(frame: OpenFrame): void {
    if (frame.empty) this.reject(frame);
    else this.publish(frame);
  }

  private reject(frame: OpenFrame): void {
    this.open.delete(frame.frame);
    this.options.pool.discard(frame.slot);
    this.counters.framesRejected++;
  }

  private publish(frame: OpenFrame): void {
    const { pool, series, expect, onFrame } = this.options;
    const complete = frame.missingRows === 0;
    this.open.delete(frame.frame);
    this.markRows(frame);
    this.counters.framesPublished++;
    if (!complete) this.counters.framesPartial++;
    pool.publish(frame.slot);
    onFrame({
      slot: frame.slot,
      series,
      frame: frame.frame,
      complete,
      hasLifetimes: expect.lifetimes,
      hasHistograms: expect.histograms,
      startTicks: frame.startTicks,
      endTicks: frame.endTicks,
    });
  }

  private markRows(frame: OpenFrame): void {
    const { rowsValid } = this.options.pool.slots[frame.slot]!;
    rowsValid.fill(1);
    if (frame.missingRows === 0) return;
    for (let row = 0; row < rowsValid.length; row++) {
      if (frame.isValid(row)) continue;
      rowsValid[row] = 0;
      this.writer.clear(row, this.slotBytes[frame.slot]!);
    }
  }
}
