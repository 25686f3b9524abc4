import { type Crc32c, crc32c } from '../protocol/crc32c.js';
import {
  decodeHeader,
  emptyHeader,
  PACKET_HEADER_BYTES,
  PACKET_MAGIC,
  PACKET_MAX_PAYLOAD_BYTES,
  type PacketHeader,
} from '../protocol/packet.js';

export interface PacketDecoderOptions {
  /** Header and payload are overwritten after the call: copy what is to stay. */
  onPacket(header: Readonly<PacketHeader>, payload: Uint8Array): void;
  /** CRC-32C for payloads; the native one is faster. */
  crc?: Crc32c;
  /** A header that announces more is not believed. */
  maxPayloadBytes?: number;
}

/** `bytesReceived` = bytes of decoded packets + `bytesSkipped` + `pendingBytes`. */
export interface DecoderCounters {
  bytesReceived: number;
  /** Bytes that belong to no sound packet. */
  bytesSkipped: number;
  packetsDecoded: number;
  /** Byte runs that looked like a packet and failed a CRC or a bound, or ended too early. */
  packetsInvalid: number;
}

type DecoderState = 'SEEK_MAGIC' | 'HEADER' | 'PAYLOAD';

const MAGIC_BYTES = 4;
const magic = Buffer.alloc(MAGIC_BYTES);
magic.writeUInt32LE(PACKET_MAGIC);
/** Room offered at a time. Larger socket reads are slower: the bytes leave the cache before they are parsed. */
const READ_BYTES = 128 * 1024;
/** Unread bytes move to the front when at least so many lie before them, and eight times as many as move. */
const LEAST_WRAP_BYTES = 256 * 1024;
const WRAP_SHARE = 8;

/**
 * Cuts a byte stream into packets (docs/protocol.md), whatever happened to it: garbage, corruption, truncation.
 * Free of I/O. Bytes come in through `reserve`/`commit` without a copy, or through `push`. Packets are parsed in
 * place in one linear buffer, whose front is used again as soon as that is cheap.
 *
 * After a payload that fails its CRC the search goes on right behind the *magic*: the packet may have been
 * truncated, and then the next one stands inside what the header claims. It may even begin inside the header:
 * a header cut by a byte or two is whole again, now and then, with the first bytes of what follows it.
 */
export class PacketDecoder {
  readonly counters: DecoderCounters = {
    bytesReceived: 0,
    bytesSkipped: 0,
    packetsDecoded: 0,
    packetsInvalid: 0,
  };
  private readonly onPacket: PacketDecoderOptions['onPacket'];
  private readonly crc: Crc32c;
  private readonly maxPayloadBytes: number;
  private readonly buffer: Buffer;
  private readonly view: DataView;
  private readonly header = emptyHeader();
  /** For looking ahead while `header` is still needed. */
  private readonly probe = emptyHeader();
  private state: DecoderState = 'SEEK_MAGIC';
  /** Unread bytes are `buffer[start, end)`; in HEADER and PAYLOAD a packet begins at `start`. */
  private start = 0;
  private end = 0;

  constructor({ onPacket, crc = crc32c, maxPayloadBytes = PACKET_MAX_PAYLOAD_BYTES }: PacketDecoderOptions) {
    this.onPacket = onPacket;
    this.crc = crc;
    this.maxPayloadBytes = Math.min(maxPayloadBytes, PACKET_MAX_PAYLOAD_BYTES);
    // Less than one packet is ever left unread, so after a wrap there is room for one at least.
    const capacity = 2 * (PACKET_HEADER_BYTES + this.maxPayloadBytes) + READ_BYTES + LEAST_WRAP_BYTES;
    this.buffer = Buffer.from(new ArrayBuffer(capacity));
    this.view = new DataView(this.buffer.buffer);
  }

  /** Bytes that wait for more: the beginning of a packet. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Room for received bytes; the only place where bytes move, so it stays valid until the next call. */
  reserve(): Uint8Array {
    if (this.pendingBytes === 0) this.start = this.end = 0;
    else if (this.worthWrapping()) this.wrap();
    return this.buffer.subarray(this.end, this.end + READ_BYTES);
  }

  commit(bytes: number): void {
    this.end += bytes;
    this.counters.bytesReceived += bytes;
    this.advance();
  }

  /** Takes bytes of any length, by copying them. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.reserve();
      const run = bytes.subarray(at, at + room.length);
      room.set(run);
      this.commit(run.length);
      at += run.length;
    }
  }

  /**
   * Takes bytes that lie in a buffer of the caller's. Whole sound packets are parsed where they are, without a copy;
   * from the first thing that is none, the rest is copied and gone through with all care.
   */
  take(bytes: Uint8Array): void {
    const at = this.pendingBytes === 0 ? this.takeSoundPackets(bytes) : 0;
    if (at < bytes.length) this.push(bytes.subarray(at));
  }

  /**
   * If a sound packet stands behind the unfinished one, the unfinished one was truncated and is given up. Without
   * such a proof it is kept, since its rest may still come. To be called now and then: on a slow or idle link a
   * truncated packet would otherwise hold up those behind it.
   */
  rescan(): void {
    if (this.state !== 'PAYLOAD') return;
    const proof = this.findSoundPacket(this.start + MAGIC_BYTES);
    if (proof < 0) return;
    this.rejectHeader(proof - this.start);
    this.advance();
  }

  /** The link has ended: what waits for more bytes is given up, after a search for packets inside it. */
  flush(): void {
    while (this.state === 'PAYLOAD') {
      this.rejectHeader(MAGIC_BYTES);
      this.advance();
    }
    if (this.state === 'HEADER') this.counters.packetsInvalid++;
    this.state = 'SEEK_MAGIC';
    this.skipTo(this.end);
  }

  /** Gives the sound packets at the front to whoever wants them, and the number of bytes they were. */
  private takeSoundPackets(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (bytes.length - at >= PACKET_HEADER_BYTES) {
      const header = decodeHeader(view, bytes, at, this.header);
      if (!header || header.payloadBytes > this.maxPayloadBytes) break;
      const from = at + PACKET_HEADER_BYTES;
      const to = from + header.payloadBytes;
      const payload = bytes.subarray(from, to);
      if (to > bytes.length || this.crc(payload) !== header.payloadCrc) break;
      this.counters.bytesReceived += to - at;
      this.counters.packetsDecoded++;
      this.onPacket(header, payload);
      at = to;
    }
    return at;
  }

  private worthWrapping(): boolean {
    const atEnd = this.buffer.length - this.end < READ_BYTES;
    return atEnd || this.start >= Math.max(LEAST_WRAP_BYTES, WRAP_SHARE * this.pendingBytes);
  }

  private wrap(): void {
    this.buffer.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  /** Goes on until the unread bytes are used up or end inside a packet. */
  private advance(): void {
    for (;;) {
      switch (this.state) {
        case 'SEEK_MAGIC':
          if (!this.seekMagic()) return;
          break;
        case 'HEADER':
          if (this.pendingBytes < PACKET_HEADER_BYTES) return;
          this.readHeader();
          break;
        case 'PAYLOAD':
          if (this.pendingBytes < PACKET_HEADER_BYTES + this.header.payloadBytes) return;
          this.readPayload();
          break;
      }
    }
  }

  /** Moves to the next magic word; where there is none, keeps only what may be its beginning. */
  private seekMagic(): boolean {
    if (this.pendingBytes < MAGIC_BYTES) return false;
    const found = this.findMagic(this.start);
    this.skipTo(found < 0 ? this.end - (MAGIC_BYTES - 1) : found);
    if (found < 0) return false;
    this.state = 'HEADER';
    return true;
  }

  private readHeader(): void {
    if (this.headerAt(this.start, this.header)) this.state = 'PAYLOAD';
    else this.rejectHeader(MAGIC_BYTES);
  }

  private readPayload(): void {
    const from = this.start + PACKET_HEADER_BYTES;
    const to = from + this.header.payloadBytes;
    const payload = this.buffer.subarray(from, to);
    if (this.crc(payload) !== this.header.payloadCrc) return this.rejectHeader(MAGIC_BYTES);
    this.start = to;
    this.state = 'SEEK_MAGIC';
    this.counters.packetsDecoded++;
    this.onPacket(this.header, payload);
  }

  /** What stands at `start` is no sound packet: goes on `bytes` behind it. */
  private rejectHeader(bytes: number): void {
    this.counters.packetsInvalid++;
    this.state = 'SEEK_MAGIC';
    this.skipTo(this.start + bytes);
  }

  private skipTo(position: number): void {
    this.counters.bytesSkipped += position - this.start;
    this.start = position;
  }

  private headerAt(position: number, out: PacketHeader): boolean {
    const header = decodeHeader(this.view, this.buffer, position, out);
    return header !== null && header.payloadBytes <= this.maxPayloadBytes;
  }

  private findMagic(from: number): number {
    if (this.view.getUint32(from, true) === PACKET_MAGIC) return from;
    const found = this.buffer.subarray(from, this.end).indexOf(magic);
    return found < 0 ? -1 : from + found;
  }

  /** Where a whole sound packet begins in the unread bytes from `from` on; −1 if nowhere. */
  private findSoundPacket(from: number): number {
    const last = this.end - PACKET_HEADER_BYTES;
    for (let at = from; at <= last; at += MAGIC_BYTES) {
      at = this.findMagic(at);
      if (at < 0 || at > last) return -1;
      if (this.isSoundPacket(at)) return at;
    }
    return -1;
  }

  private isSoundPacket(at: number): boolean {
    if (!this.headerAt(at, this.probe)) return false;
    const from = at + PACKET_HEADER_BYTES;
    const to = from + this.probe.payloadBytes;
    return to <= this.end && this.crc(this.buffer.subarray(from, to)) === this.probe.payloadCrc;
  }
}
