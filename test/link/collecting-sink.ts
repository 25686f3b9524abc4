import { vi } from 'vitest';

/** A byte sink with room for `roomBytes` at a time that keeps what comes. */
export class CollectingSink {
  private readonly runs: Buffer[] = [];
  private room: Uint8Array = new Uint8Array(0);

  constructor(private readonly roomBytes = 100) {}

  reserve(): Uint8Array {
    this.room = new Uint8Array(this.roomBytes);
    return this.room;
  }

  commit(bytes: number): void {
    this.runs.push(Buffer.from(this.room.subarray(0, bytes)));
  }

  take(bytes: Uint8Array): void {
    this.runs.push(Buffer.from(bytes));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.runs);
  }

  async has(bytes: number): Promise<Buffer> {
    await vi.waitUntil(() => this.bytes.length >= bytes, { timeout: 5000 });
    return this.bytes;
  }
}
