import { constants as fsConstants } from 'node:fs';
import { constants } from 'node:os';
import { PACKET_HEADER_BYTES, PACKET_MAGIC } from '../../protocol/index.js';
import type { ChunkTransport } from '../packet-outlet.js';
import type { Call, Node, OpenNode } from './fuse-nodes.js';

const { errno } = constants;
export const POLLIN = 1;
export const POLLOUT = 4;

/** What the node needs of the device behind it. */
export interface DataSource {
  /** The channel has been opened; false where the device refuses it. `cut`: the device breaks it. */
  attach(transport: ChunkTransport, cut: () => void): boolean;
  /** The device may use the chunk again. */
  recycle(chunk: ArrayBuffer): void;
  detach(): void;
}

interface QueuedChunk {
  chunk: ArrayBuffer;
  bytes: number;
  /** Read so far. */
  at: number;
}

/**
 * `c2h_0`, the streaming channel from the device. Opened with O_TRUNC a read returns at the end of a packet, otherwise
 * when it is full. One program can have it open. A read waits `timeoutMs` for data, then fails with ETIMEDOUT (the
 * real driver's 512 is a number that FUSE does not let through).
 */
export class StreamNode implements Node {
  private reader: StreamReader | null = null;

  constructor(
    readonly name: string,
    private readonly source: DataSource,
    private readonly timeoutMs: number,
  ) {}

  open(flags: number): OpenNode | number {
    if (this.reader) return errno.EBUSY;
    const reader = new StreamReader(this.source, (flags & fsConstants.O_TRUNC) !== 0, this.timeoutMs, () => {
      this.reader = null;
    });
    if (!this.source.attach(reader, () => reader.failRead(errno.EIO))) return errno.EBUSY;
    this.reader = reader;
    return reader;
  }

  /** The read that waits, or else the next one, fails with this errno. */
  failRead(error: number): void {
    this.reader?.failRead(error);
  }
}

class StreamReader implements OpenNode, ChunkTransport {
  private readonly chunks: QueuedChunk[] = [];
  private readonly calls: Call[] = [];
  private readonly timers = new Map<Call, NodeJS.Timeout>();
  /** Parts for a read that is to be full, from chunks that go back when it is answered. */
  private parts: Uint8Array[] = [];
  private used: ArrayBuffer[] = [];
  private gathered = 0;
  private nextError = 0;
  private wake: (() => void) | null = null;

  constructor(
    private readonly source: DataSource,
    private readonly untilPacketEnd: boolean,
    private readonly timeoutMs: number,
    private readonly released: () => void,
  ) {}

  transmit(chunk: ArrayBuffer, bytes: number): void {
    this.chunks.push({ chunk, bytes, at: 0 });
    this.wake?.();
    this.wake = null;
    this.pump();
  }

  read(call: Call): void {
    call.onInterrupt = () => this.end(call, errno.EINTR);
    this.calls.push(call);
    this.pump();
    if (this.timeoutMs > 0 && this.calls.includes(call)) {
      this.timers.set(
        call,
        setTimeout(() => this.end(call, errno.ETIMEDOUT), this.timeoutMs),
      );
    }
  }

  write(call: Call): void {
    call.fail(errno.EINVAL);
  }

  poll(wake: () => void): number {
    if (this.chunks.length > 0) return POLLIN;
    this.wake = wake;
    return 0;
  }

  release(): void {
    for (const call of [...this.calls]) this.end(call, errno.ENODEV);
    this.source.detach();
    this.released();
  }

  failRead(error: number): void {
    this.nextError = error;
    this.pump();
  }

  private pump(): void {
    while (this.calls.length > 0) {
      const call = this.calls[0]!;
      if (this.nextError !== 0) {
        const error = this.nextError;
        this.nextError = 0;
        this.end(call, error);
      } else if (this.gather(call.bytes)) this.deliver(call);
      else return;
    }
  }

  /** Whether there is enough for a read of `bytes`. */
  private gather(bytes: number): boolean {
    while (this.gathered < bytes) {
      const head = this.chunks[0];
      if (!head) return false;
      const end = this.untilPacketEnd ? packetEnd(head) : head.bytes;
      const run = Math.min(end - head.at, bytes - this.gathered);
      this.parts.push(new Uint8Array(head.chunk, head.at, run));
      this.gathered += run;
      head.at += run;
      if (head.at === head.bytes) {
        this.chunks.shift();
        this.used.push(head.chunk);
      }
      if (this.untilPacketEnd) return true;
    }
    return true;
  }

  private deliver(call: Call): void {
    this.forget(call);
    const { parts, used } = this;
    this.parts = [];
    this.used = [];
    this.gathered = 0;
    call.give(parts);
    for (const chunk of used) this.source.recycle(chunk);
  }

  /** With what there is, if there is anything. */
  private end(call: Call, error: number): void {
    if (this.gathered > 0 && this.calls[0] === call) return this.deliver(call);
    this.forget(call);
    call.fail(error);
  }

  private forget(call: Call): void {
    clearTimeout(this.timers.get(call));
    this.timers.delete(call);
    const at = this.calls.indexOf(call);
    if (at >= 0) this.calls.splice(at, 1);
  }
}

/** Where the device marks the last beat of the packet at hand; damaged bytes count as one packet. */
function packetEnd({ chunk, bytes, at }: QueuedChunk): number {
  if (bytes - at < PACKET_HEADER_BYTES) return bytes;
  const header = new DataView(chunk, at, PACKET_HEADER_BYTES);
  if (header.getUint32(0, true) !== PACKET_MAGIC) return bytes;
  const end = at + PACKET_HEADER_BYTES + header.getUint32(24, true);
  return end > bytes ? bytes : end;
}
