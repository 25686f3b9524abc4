import { UrbStatus } from './usbip-wire.js';

/** A read that the host has submitted. */
export interface InTransfer {
  readonly sequence: number;
  /** Bytes of room. */
  readonly bytes: number;
  /** Answers it; `sent` once the parts are out of this process and may be overwritten. */
  complete(status: number, parts?: readonly Uint8Array[], sent?: () => void): void;
}

export interface PacketChunk {
  readonly bytes: Uint8Array;
  /** The device flushed behind this chunk. */
  readonly flushed: boolean;
  /** The bytes have left and may be overwritten. */
  release(): void;
}

interface OpenTransfer {
  transfer: InTransfer;
  parts: Uint8Array[];
  filled: number;
  /** Chunks whose last bytes are in this transfer. */
  emptied: PacketChunk[];
}

/**
 * The bulk IN endpoint: chunks of packets in, transfers out. Bytes leave in full-size USB packets; only a flush ends
 * a transfer early: by a short packet, or by one without data where the bytes since the last short packet fill
 * whole ones. The host cannot see where a chunk ended but for that.
 */
export class PacketPipe {
  private chunks: PacketChunk[] = [];
  /** Bytes of the first chunk that are taken. */
  private taken = 0;
  private readonly transfers: OpenTransfer[] = [];
  /** Bytes since the last short packet, modulo the packet size. */
  private inPacket = 0;
  private zeroLengthDue = false;

  constructor(private readonly packetBytes: number) {}

  push(chunk: PacketChunk): void {
    this.chunks.push(chunk);
    this.pump();
  }

  submit(transfer: InTransfer): void {
    // A real controller would report babble as soon as a full packet does not fit.
    if (transfer.bytes === 0 || transfer.bytes % this.packetBytes !== 0) {
      transfer.complete(UrbStatus.overflow);
      return;
    }
    this.transfers.push({ transfer, parts: [], filled: 0, emptied: [] });
    this.pump();
  }

  /** Takes a transfer back; false where it had to be answered, because bytes were in it already, or is unknown. */
  cancel(sequence: number): boolean {
    const index = this.transfers.findIndex(({ transfer }) => transfer.sequence === sequence);
    if (index < 0) return false;
    const [open] = this.transfers.splice(index, 1);
    if (open!.filled === 0) return true;
    this.answer(open!);
    return false;
  }

  /** The data channel is closed: what is queued is dropped; waiting reads stay until the host cancels them. */
  clear(): void {
    this.chunks = [];
    this.taken = this.inPacket = 0;
    this.zeroLengthDue = false;
    for (const open of this.transfers) Object.assign(open, { parts: [], filled: 0, emptied: [] });
  }

  private pump(): void {
    while (this.transfers.length > 0) {
      if (this.zeroLengthDue) this.endTransfer();
      else if (this.chunks.length > 0) this.fill(this.transfers[0]!, this.chunks[0]!);
      else return;
    }
  }

  private fill(open: OpenTransfer, chunk: PacketChunk): void {
    const part = chunk.bytes.subarray(this.taken, this.taken + open.transfer.bytes - open.filled);
    open.parts.push(part);
    open.filled += part.length;
    this.taken += part.length;
    this.inPacket = (this.inPacket + part.length) % this.packetBytes;
    const flushed = this.taken === chunk.bytes.length && this.take(open).flushed;
    const short = flushed && this.inPacket !== 0;
    if (short) this.inPacket = 0;
    else if (flushed) this.zeroLengthDue = true;
    if (short || open.filled === open.transfer.bytes) this.answer(this.transfers.shift()!);
  }

  /** The first chunk is empty: its last bytes are in this transfer. */
  private take(open: OpenTransfer): PacketChunk {
    const chunk = this.chunks.shift()!;
    this.taken = 0;
    open.emptied.push(chunk);
    return chunk;
  }

  /** The empty packet: it ends a transfer that is partly filled, or is one by itself. */
  private endTransfer(): void {
    this.zeroLengthDue = false;
    this.answer(this.transfers.shift()!);
  }

  private answer({ transfer, parts, emptied }: OpenTransfer): void {
    transfer.complete(UrbStatus.ok, parts, () => emptied.forEach((chunk) => chunk.release()));
  }
}
