import { FlimdError } from '../protocol/errors.js';
import { type FrameGeometry, type FrameSlot, slotBytes, slotViews } from './frame-slot.js';

/** What a thread needs to see a pool; goes through `postMessage`, the memory is shared. */
export interface FramePoolShare {
  geometry: FrameGeometry;
  states: SharedArrayBuffer;
  slots: SharedArrayBuffer[];
}

/** The frames of a pool as their readers see them; a slot may be read from its `frame` event to its `release`. */
export interface FramePoolViews {
  geometry: FrameGeometry;
  slots: FrameSlot[];
}

export interface PoolLimits {
  /** Frame buffers wanted. */
  poolSlots: number;
  /** Bytes that all buffers together may take; with large frames there are fewer slots. */
  poolBytes: number;
  /** With fewer slots than this a run cannot work. */
  leastSlots: number;
}

const SlotState = { free: 0, filling: 1, published: 2 } as const;

/**
 * Preallocated frame buffers in shared memory. The assembler takes a free slot, fills and publishes it; a reader,
 * in any thread, gives it back. Every change of a slot's state is one atomic exchange, so neither side waits.
 */
export class FramePool implements FramePoolViews {
  readonly geometry: FrameGeometry;
  readonly slots: FrameSlot[];
  private readonly states: Int32Array;

  constructor(readonly share: FramePoolShare) {
    this.geometry = share.geometry;
    this.states = new Int32Array(share.states);
    this.slots = share.slots.map((memory) => slotViews(memory, share.geometry));
  }

  /** @throws FlimdError FLIMD_E_CONFIG where the frames are too large for the memory allowed. */
  static allocate(geometry: FrameGeometry, limits: PoolLimits): FramePool {
    const bytes = slotBytes(geometry);
    const count = Math.min(limits.poolSlots, Math.floor(limits.poolBytes / bytes));
    if (count < limits.leastSlots) {
      throw new FlimdError('FLIMD_E_CONFIG', 'there is no room for enough frame buffers', {
        value: `${limits.poolSlots} buffers of ${bytes} bytes in at most ${limits.poolBytes} bytes`,
        expected: `at least ${limits.leastSlots} buffers`,
        action: 'allow more memory or more buffers, or measure with fewer bins',
      });
    }
    return new FramePool({
      geometry,
      states: new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT),
      slots: Array.from({ length: count }, () => new SharedArrayBuffer(bytes)),
    });
  }

  /** Slots that are being filled or read. */
  get inUse(): number {
    let used = 0;
    for (let slot = 0; slot < this.states.length; slot++) {
      if (Atomics.load(this.states, slot) !== SlotState.free) used++;
    }
    return used;
  }

  /** A free slot, now the caller's to fill; −1 where there is none. */
  acquire(): number {
    for (let slot = 0; slot < this.states.length; slot++) {
      if (this.change(slot, SlotState.free, SlotState.filling)) return slot;
    }
    return -1;
  }

  /** The slot is full: it is the readers' now. */
  publish(slot: number): void {
    this.change(slot, SlotState.filling, SlotState.published);
  }

  /** The slot will not be published. */
  discard(slot: number): void {
    this.change(slot, SlotState.filling, SlotState.free);
  }

  /** A reader is done with a published slot; false where it was not published. */
  release(slot: number): boolean {
    return slot in this.slots && this.change(slot, SlotState.published, SlotState.free);
  }

  private change(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.states, slot, from, to) === from;
  }
}
