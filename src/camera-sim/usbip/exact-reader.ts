/** Hands out the bytes of a stream in the portions asked for. */
export class ExactReader {
  private readonly runs: Uint8Array[] = [];
  private waiting = 0;

  push(bytes: Uint8Array): void {
    this.runs.push(bytes);
    this.waiting += bytes.length;
  }

  /** The next `count` bytes; null until they are all there. */
  take(count: number): Uint8Array | null {
    if (this.waiting < count) return null;
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const run = this.runs[0]!;
      const part = run.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === run.length) this.runs.shift();
      else this.runs[0] = run.subarray(part.length);
    }
    this.waiting -= count;
    return bytes;
  }
}
