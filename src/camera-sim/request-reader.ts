import {
  type Crc32c,
  MAX_REGISTER_WORDS,
  PACKET_HEADER_BYTES,
  type PacketHeader,
  decodeHeader,
  emptyHeader,
} from '../protocol/index.js';

/** The largest request: a register write with its address and count. */
const MAX_REQUEST_BYTES = PACKET_HEADER_BYTES + 8 + 4 * MAX_REGISTER_WORDS;

export interface Request {
  header: PacketHeader;
  payload: DataView;
}

/**
 * Cuts the byte stream of a control connection into requests. Such a stream is reliable, so anything that is
 * not a sound request is not from a flimd host: there is no resynchronising.
 */
export class RequestReader {
  private readonly bytes = new Uint8Array(MAX_REQUEST_BYTES);
  private readonly view = new DataView(this.bytes.buffer);
  private filled = 0;
  /** Of the request whose payload is not whole yet. */
  private header: PacketHeader | null = null;

  constructor(private readonly crc: Crc32c) {}

  /** Calls `onRequest` for every whole request; false where the bytes are no requests. */
  push(input: Uint8Array, onRequest: (request: Request) => void): boolean {
    for (let at = 0; at < input.length;) {
      const taken = Math.min(this.missing(), input.length - at);
      this.bytes.set(input.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.missing() > 0) continue;
      this.header ??= this.takeHeader();
      if (!this.header) return false;
      if (this.missing() > 0) continue;
      const request = this.takeRequest(this.header);
      if (!request) return false;
      onRequest(request);
    }
    return true;
  }

  /** Bytes until the header, or the packet that the header announces, is whole. */
  private missing(): number {
    return PACKET_HEADER_BYTES + (this.header?.payloadBytes ?? 0) - this.filled;
  }

  private takeHeader(): PacketHeader | null {
    const header = decodeHeader(this.view, this.bytes, 0, emptyHeader(), this.crc);
    return header && header.payloadBytes <= MAX_REQUEST_BYTES - PACKET_HEADER_BYTES ? header : null;
  }

  private takeRequest(header: PacketHeader): Request | null {
    this.header = null;
    this.filled = 0;
    const payload = this.bytes.slice(PACKET_HEADER_BYTES, PACKET_HEADER_BYTES + header.payloadBytes);
    return this.crc(payload) === header.payloadCrc ? { header, payload: new DataView(payload.buffer) } : null;
  }
}
