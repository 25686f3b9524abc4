import { crc32, inflateRawSync } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { recordingError } from './recording-error.js';

/**
 * Reads one file out of a zip archive (PKWARE APPNOTE 6.3.3; no zip64, no encryption). The size is checked
 * before anything is unpacked, the CRC-32 after.
 */

const LOCAL_MAGIC = 0x04034b50;
const DIRECTORY_MAGIC = 0x02014b50;
const END_MAGIC = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

interface ZipEntry {
  name: string;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  localHeaderAt: number;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new ByteReader(bytes, 'file').u32(0) === LOCAL_MAGIC;
}

/** The content of the first entry whose name is wanted; null where there is none. */
export function readZipEntry(
  archive: Uint8Array,
  wanted: (name: string) => boolean,
  maxBytes: number,
): Uint8Array | null {
  const file = new ByteReader(archive, 'zip archive');
  const entry = directory(file).find(({ name }) => wanted(name));
  return entry ? unpack(file, entry, maxBytes) : null;
}

function directory(file: ByteReader): ZipEntry[] {
  const end = file.part(endOfDirectory(file), END_BYTES, 'zip directory');
  const entries: ZipEntry[] = [];
  let at = end.u32(16);
  for (let left = end.u16(10); left > 0; left--) {
    const header = file.part(at, DIRECTORY_ENTRY_BYTES, 'zip directory');
    if (header.u32(0) !== DIRECTORY_MAGIC) throw damaged('its directory has a wrong signature');
    const nameBytes = header.u16(28);
    entries.push({
      name: file.part(at + DIRECTORY_ENTRY_BYTES, nameBytes, 'zip directory').text(0, nameBytes),
      method: header.u16(10),
      crc: header.u32(16),
      packedBytes: header.u32(20),
      bytes: header.u32(24),
      localHeaderAt: header.u32(42),
    });
    at += DIRECTORY_ENTRY_BYTES + nameBytes + header.u16(30) + header.u16(32);
  }
  return entries;
}

function endOfDirectory(file: ByteReader): number {
  const last = file.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (file.u32(at) === END_MAGIC) return at;
  }
  throw damaged('it has no directory; it may be cut short');
}

function unpack(file: ByteReader, entry: ZipEntry, maxBytes: number): Uint8Array {
  if (entry.bytes > maxBytes) {
    throw recordingError(`${entry.name} in the zip archive is too large`, {
      value: entry.bytes,
      expected: `at most ${maxBytes} bytes`,
    });
  }
  const local = file.part(entry.localHeaderAt, LOCAL_HEADER_BYTES, 'zip entry');
  if (local.u32(0) !== LOCAL_MAGIC) throw damaged('an entry has a wrong signature');
  const contentAt = entry.localHeaderAt + LOCAL_HEADER_BYTES + local.u16(26) + local.u16(28);
  const packed = file.part(contentAt, entry.packedBytes, 'zip entry').raw();
  const content = expand(packed, entry);
  if (content.length !== entry.bytes || crc32(content) !== entry.crc) {
    throw damaged(`the checksum of ${entry.name} does not fit`);
  }
  return content;
}

function expand(packed: Uint8Array, entry: ZipEntry): Uint8Array {
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) {
    throw recordingError('the zip archive uses an unknown compression', {
      value: entry.method,
      expected: `${STORED} (stored) or ${DEFLATED} (deflate)`,
      action: 'pack the file again with an ordinary zip program',
    });
  }
  try {
    // One byte more than announced is enough to notice that there is more.
    return inflateRawSync(packed, { maxOutputLength: entry.bytes + 1 });
  } catch (error) {
    throw damaged(`${entry.name} cannot be unpacked`, error);
  }
}

function damaged(why: string, cause?: unknown): Error {
  return recordingError(
    `the zip archive is damaged: ${why}`,
    { action: 'copy the file again from where it was recorded' },
    cause,
  );
}
