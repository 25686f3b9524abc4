import { recordingError } from './recording-error.js';

/** Little-endian fields of a file part, with bounds checked once when the part is cut out. */
export class ByteReader {
  private readonly view: DataView;

  /** `what` names the part in error messages. */
  constructor(
    private readonly bytes: Uint8Array,
    readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** A part of this one; FLIMD_E_RECORDING where it does not lie inside. */
  part(offset: number, length: number, what: string): ByteReader {
    if (offset < 0 || length < 0 || offset + length > this.length) {
      throw recordingError(`the ${what} does not lie inside the file: it is cut short or damaged`, {
        value: `bytes ${offset} to ${offset + length}`,
        expected: `0 to ${this.length}`,
        action: 'copy the file again from where it was recorded',
      });
    }
    return new ByteReader(this.bytes.subarray(offset, offset + length), what);
  }

  i16 = (at: number): number => this.view.getInt16(at, true);
  u16 = (at: number): number => this.view.getUint16(at, true);
  i32 = (at: number): number => this.view.getInt32(at, true);
  u32 = (at: number): number => this.view.getUint32(at, true);
  u8 = (at: number): number => this.view.getUint8(at);

  /** A float32 without the digits that float32 does not hold: 5e-8, not 5.000000058430487e-8. */
  f32 = (at: number): number => Number(this.view.getFloat32(at, true).toPrecision(7));

  /** Text up to the first 0, in the Windows code page that the instruments' software writes. */
  text(at: number, length: number): string {
    const bytes = this.bytes.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return new TextDecoder('windows-1252').decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
  }

  raw(): Uint8Array {
    return this.bytes;
  }
}
