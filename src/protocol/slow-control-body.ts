/** Writes and reads the bodies of slow-control frames: u8, i32 little-endian, and text with its length before it. */
export function bodyOf(...parts: (number | { i32: number } | { text: string })[]): Uint8Array {
  const bytes = parts.flatMap((part) => {
    if (typeof part === 'number') return [part];
    if ('text' in part) {
      const text = new TextEncoder().encode(part.text).subarray(0, MAX_TEXT_BYTES);
      return [text.length, ...text];
    }
    const { i32 } = part;
    return [i32 & 0xff, (i32 >> 8) & 0xff, (i32 >> 16) & 0xff, (i32 >> 24) & 0xff];
  });
  return Uint8Array.from(bytes);
}

/** So that two texts fit into a frame. */
const MAX_TEXT_BYTES = 100;

/** Reads a body from its start; `null` where it is too short for what is asked. */
export class BodyReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  u8(): number | null {
    return this.bytes[this.at++] ?? null;
  }

  i32(): number | null {
    const { bytes, at } = this;
    this.at += 4;
    if (this.at > bytes.length) return null;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  text(): string | null {
    const length = this.u8();
    if (length === null || this.at + length > this.bytes.length) return null;
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}
