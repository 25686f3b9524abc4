/** The part of the Linux FUSE protocol, 7.31, that serves a flat folder of device nodes (include/uapi/linux/fuse.h). */
export const Opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  interrupt: 36,
  destroy: 38,
  poll: 40,
  batchForget: 42,
} as const;

export const REQUEST_HEADER_BYTES = 40;
export const WRITE_REQUEST_BYTES = 40;
export const ROOT_NODE = 1;
/** The largest transfer in one request: 256 pages, the most that the kernel grants. */
export const MAX_TRANSFER_BYTES = 1024 * 1024;
const MAX_PAGES = 256;

const PROTOCOL_MAJOR = 7;
const PROTOCOL_MINOR = 31;
const REPLY_HEADER_BYTES = 16;
const INIT_REPLY_BYTES = 64;
const ATTRIBUTE_BYTES = 88;
const BLOCK_BYTES = 4096;
const InitFlag = { asyncRead: 1 << 0, atomicTruncate: 1 << 3, bigWrites: 1 << 5, maxPages: 1 << 22 } as const;
/** Reads and writes go to the server as they are made: nothing is cached, mapped or read ahead. */
const OPEN_DIRECT_IO = 1;
/** Instead of a request's number: the server speaks unasked, and the error field says what of. */
const NOTIFY_POLL = 1;

export interface Request {
  opcode: number;
  unique: bigint;
  node: number;
  /** Behind the header; valid until the next request is read. */
  body: Buffer;
}

export function parseRequest(bytes: Buffer): Request {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: Number(bytes.readBigUInt64LE(16)),
    body: bytes.subarray(REQUEST_HEADER_BYTES),
  };
}

/** `error` is 0 or −errno. */
export function replyHeader(unique: bigint, error: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(REPLY_HEADER_BYTES);
  header.writeUInt32LE(REPLY_HEADER_BYTES + bodyBytes, 0);
  header.writeInt32LE(error, 4);
  header.writeBigUInt64LE(unique, 8);
  return header;
}

/** Wakes whoever polls the open file that the kernel knows as `wake`. */
export function pollNotice(wake: bigint): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigUInt64LE(wake);
  return Buffer.concat([replyHeader(0n, NOTIFY_POLL, body.length), body]);
}

export function initReply(body: Buffer): Buffer {
  const reply = Buffer.alloc(INIT_REPLY_BYTES);
  const offered = body.readUInt32LE(12);
  reply.writeUInt32LE(PROTOCOL_MAJOR, 0);
  reply.writeUInt32LE(PROTOCOL_MINOR, 4);
  reply.writeUInt32LE(body.readUInt32LE(8), 8);
  const { asyncRead, atomicTruncate, bigWrites, maxPages } = InitFlag;
  reply.writeUInt32LE(offered & (asyncRead | atomicTruncate | bigWrites | maxPages), 12);
  reply.writeUInt32LE(MAX_TRANSFER_BYTES, 20);
  reply.writeUInt32LE(1, 24);
  reply.writeUInt16LE(MAX_PAGES, 28);
  return reply;
}

export interface Attributes {
  node: number;
  /** Type and permissions. */
  mode: number;
  uid: number;
  gid: number;
}

export function entryReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(40 + ATTRIBUTE_BYTES);
  reply.writeBigUInt64LE(BigInt(attributes.node), 0);
  writeAttributes(reply, 40, attributes);
  return reply;
}

export function attributeReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(16 + ATTRIBUTE_BYTES);
  writeAttributes(reply, 16, attributes);
  return reply;
}

function writeAttributes(reply: Buffer, at: number, { node, mode, uid, gid }: Attributes): void {
  reply.writeBigUInt64LE(BigInt(node), at);
  reply.writeUInt32LE(mode, at + 60);
  reply.writeUInt32LE(1, at + 64);
  reply.writeUInt32LE(uid, at + 68);
  reply.writeUInt32LE(gid, at + 72);
  reply.writeUInt32LE(BLOCK_BYTES, at + 80);
}

export function openReply(handle: number): Buffer {
  const reply = Buffer.alloc(16);
  reply.writeBigUInt64LE(BigInt(handle), 0);
  reply.writeUInt32LE(OPEN_DIRECT_IO, 8);
  return reply;
}

export function numberReply(value: number): Buffer {
  const reply = Buffer.alloc(8);
  reply.writeUInt32LE(value, 0);
  return reply;
}

/** Room for a file system without blocks. */
export const statfsReply = (): Buffer => Buffer.alloc(80);

export interface FolderEntry {
  node: number;
  name: string;
  /** Type and permissions. */
  mode: number;
}

/** Entries from number `from` on, as many as fit. */
export function folderReply(entries: readonly FolderEntry[], from: number, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const [i, { node, name, mode }] of entries.entries()) {
    if (i < from) continue;
    const text = Buffer.from(name);
    const entry = Buffer.alloc(Math.ceil((24 + text.length) / 8) * 8);
    entry.writeBigUInt64LE(BigInt(node), 0);
    entry.writeBigUInt64LE(BigInt(i + 1), 8);
    entry.writeUInt32LE(text.length, 16);
    entry.writeUInt32LE(mode >>> 12, 20);
    text.copy(entry, 24);
    bytes += entry.length;
    if (bytes > maxBytes) break;
    parts.push(entry);
  }
  return Buffer.concat(parts);
}
