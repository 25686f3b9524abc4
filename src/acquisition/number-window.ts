export type Arrival = 'next' | 'reordered' | 'repeated';

const DEFAULT_WINDOW = 1 << 20;

/**
 * Which numbers of a run 0, 1, 2, … have been seen, told from 32-bit numbers that wrap and come in any order.
 * Exact for numbers up to `windowSize` (a power of two) behind the highest; an older one cannot be told from a
 * repeated one and is taken for that. Memory: `windowSize` / 8 bytes, whatever the length of the run.
 */
export class NumberWindow {
  /** Distinct numbers seen. */
  seen = 0;
  /** Highest number seen, unwrapped; −1 before the first. */
  highest = -1;
  private readonly bits: Uint32Array;

  constructor(private readonly windowSize: number = DEFAULT_WINDOW) {
    this.bits = new Uint32Array(windowSize / 32);
  }

  /** Numbers up to the highest that have not been seen. */
  get missing(): number {
    return this.highest + 1 - this.seen;
  }

  observe(number32: number): Arrival {
    const position = this.unwrap(number32);
    if (position > this.highest) {
      this.forgetBetween(this.highest + 1, position);
      this.highest = position;
      this.mark(position);
      return 'next';
    }
    if (position < 0 || position <= this.highest - this.windowSize || this.isMarked(position)) {
      return 'repeated';
    }
    this.mark(position);
    return 'reordered';
  }

  /** The number nearest to the highest one whose low 32 bits these are. */
  unwrap(number32: number): number {
    return this.highest + ((number32 - this.highest) | 0);
  }

  private mark(position: number): void {
    this.seen++;
    this.bits[this.wordOf(position)]! |= 1 << (position & 31);
  }

  private isMarked(position: number): boolean {
    return (this.bits[this.wordOf(position)]! & (1 << (position & 31))) !== 0;
  }

  private wordOf(position: number): number {
    return (position % this.windowSize) >>> 5;
  }

  /** The bits of [from, to] stood for numbers one window earlier. */
  private forgetBetween(from: number, to: number): void {
    if (to - from >= this.windowSize) {
      this.bits.fill(0);
      return;
    }
    for (let position = from; position <= to; position++) {
      this.bits[this.wordOf(position)]! &= ~(1 << (position & 31));
    }
  }
}
