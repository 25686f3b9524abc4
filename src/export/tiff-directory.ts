/** An entry of an image file directory (TIFF 6.0 §2); values that do not fit the entry stand elsewhere in the file. */
export interface TiffEntry {
  tag: number;
  type: number;
  count: number;
  /** A number, the two of a fraction, or where the value stands. */
  value: number | { at: number; fraction?: [number, number] };
}

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
/** LONG in classic TIFF, LONG8 in BigTIFF. */
const OFFSET = 16;

export const tiffTypes = {
  short: (tag: number, value: number): TiffEntry => ({ tag, type: SHORT, count: 1, value }),
  long: (tag: number, value: number): TiffEntry => ({ tag, type: LONG, count: 1, value }),
  offset: (tag: number, value: number): TiffEntry => ({ tag, type: OFFSET, count: 1, value }),
  rational: (tag: number, at: number, fraction: [number, number]): TiffEntry => ({
    ...{ tag, type: RATIONAL, count: 1 },
    value: { at, fraction },
  }),
  /** With its closing NUL, longer than fits an entry. */
  ascii: (tag: number, at: number, count: number): TiffEntry => ({ tag, type: ASCII, count, value: { at } }),
};

/** Header and directories of classic TIFF or BigTIFF, little-endian. */
export class IfdLayout {
  readonly #entryBytes: number;
  readonly #countBytes: number;
  readonly #offsetBytes: number;

  constructor(private readonly big: boolean) {
    this.#entryBytes = big ? 20 : 12;
    this.#countBytes = big ? 8 : 2;
    this.#offsetBytes = big ? 8 : 4;
  }

  /** @param first where the first directory begins */
  header(first: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.big ? 16 : 8));
    view.setUint16(0, 0x4949, true);
    view.setUint16(2, this.big ? 43 : 42, true);
    if (this.big) view.setUint16(4, this.#offsetBytes, true);
    this.#setOffset(view, this.big ? 8 : 4, first);
    return new Uint8Array(view.buffer);
  }

  /**
   * @param at where it will stand; the next one follows directly
   * @param last no other follows
   */
  directory(entries: readonly TiffEntry[], at: number, last: boolean): Uint8Array {
    const sorted = [...entries].sort((a, b) => a.tag - b.tag);
    const entriesEnd = this.#countBytes + sorted.length * this.#entryBytes;
    const bytes = entriesEnd + this.#offsetBytes;
    const padded = bytes + (bytes & 1);
    const view = new DataView(new ArrayBuffer(padded));
    if (this.big) view.setBigUint64(0, BigInt(sorted.length), true);
    else view.setUint16(0, sorted.length, true);
    sorted.forEach((entry, index) =>
      this.#setEntry(view, this.#countBytes + index * this.#entryBytes, entry),
    );
    this.#setOffset(view, entriesEnd, last ? 0 : at + padded);
    return new Uint8Array(view.buffer);
  }

  #setEntry(view: DataView, at: number, { tag, type, count, value }: TiffEntry): void {
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type === OFFSET && !this.big ? LONG : type, true);
    this.#setOffset(view, at + 4, count);
    const valueAt = at + 4 + this.#offsetBytes;
    if (typeof value !== 'number') this.#setDistant(view, valueAt, value);
    else if (type === SHORT) view.setUint16(valueAt, value, true);
    else if (type === OFFSET) this.#setOffset(view, valueAt, value);
    else view.setUint32(valueAt, value, true);
  }

  /** A fraction has just the room of an entry of BigTIFF, and then must stand there. */
  #setDistant(view: DataView, at: number, value: Exclude<TiffEntry['value'], number>): void {
    if (!this.big || !value.fraction) return this.#setOffset(view, at, value.at);
    view.setUint32(at, value.fraction[0], true);
    view.setUint32(at + 4, value.fraction[1], true);
  }

  #setOffset(view: DataView, at: number, value: number): void {
    if (this.big) view.setBigUint64(at, BigInt(value), true);
    else view.setUint32(at, value, true);
  }
}
