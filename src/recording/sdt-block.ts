import type { ByteReader } from './byte-reader.js';
import { recordingError } from './recording-error.js';
import type { SdtFileHeader } from './sdt-header.js';
import { readZipEntry } from './zip-entry.js';

/** Data blocks of an SDT file ("SPC_data_file_structure.h", part 5). */

const BLOCK_HEADER_BYTES = 22;
/** From this layout revision on, offsets have 40 bits. */
const LONG_OFFSETS_FROM = 15;

/** Bits 4 to 7 of the block type. */
const contents: Record<number, string> = {
  0x00: 'a single decay',
  0x10: 'image',
  0x20: 'an FCS curve',
  0x30: 'a FIDA curve',
  0x40: 'a FILDA curve',
  0x50: 'an MCS curve',
  0x60: 'image',
  0x70: 'a triggered MCS curve',
  0x80: 'a microsecond (MCS) image',
  0x90: 'moments',
  0xa0: 'an intensity image',
};
/** Bits 8 to 11. */
const COUNT_BYTES: Record<number, 2 | 4> = { 0x000: 2, 0x100: 4 };
const ZIPPED = 0x1000;

export interface SdtBlock {
  /** 'image' for images of decays, otherwise what it is in words. */
  content: string;
  /** Bytes of one count; null where the block does not hold whole numbers. */
  countBytes: 2 | 4 | null;
  zipped: boolean;
  dataAt: number;
  nextAt: number;
  /** Unpacked. */
  bytes: number;
  measurement: number;
}

export function readBlocks(file: ByteReader, header: SdtFileHeader): SdtBlock[] {
  const blocks: SdtBlock[] = [];
  let at = header.firstBlockAt;
  for (let left = header.blocks; left > 0; left--) {
    const block = readBlock(file, at, header.revision);
    blocks.push(block);
    if (left > 1 && block.nextAt < at + BLOCK_HEADER_BYTES) {
      throw recordingError('the chain of data blocks is damaged: it does not lead forward', {
        value: block.nextAt,
        expected: `at least ${at + BLOCK_HEADER_BYTES}`,
      });
    }
    at = block.nextAt;
  }
  return blocks;
}

function readBlock(file: ByteReader, at: number, revision: number): SdtBlock {
  const header = file.part(at, BLOCK_HEADER_BYTES, 'data block header');
  const long = revision >= LONG_OFFSETS_FROM;
  const type = header.u16(10);
  return {
    content: contents[type & 0xf0] ?? 'something unknown',
    countBytes: COUNT_BYTES[type & 0xf00] ?? null,
    zipped: (type & ZIPPED) !== 0,
    dataAt: header.u32(2) + (long ? header.u8(0) * 2 ** 32 : 0),
    nextAt: header.u32(6) + (long ? header.u8(1) * 2 ** 32 : 0),
    measurement: header.i16(12),
    bytes: header.u32(18),
  };
}

/** The block's content, unpacked. */
export function readBlockBytes(file: ByteReader, block: SdtBlock, maxBytes: number): Uint8Array {
  if (block.bytes > maxBytes) {
    throw recordingError('a data block is too large', {
      value: block.bytes,
      expected: `at most ${maxBytes} bytes`,
    });
  }
  if (!block.zipped) return file.part(block.dataAt, block.bytes, 'data block').raw();
  const archive = file.part(block.dataAt, block.nextAt - block.dataAt, 'compressed data block').raw();
  const content = readZipEntry(archive, () => true, block.bytes);
  if (content?.length === block.bytes) return content;
  throw recordingError('a compressed data block does not hold what its header says', {
    value: content?.length ?? 'nothing',
    expected: `${block.bytes} bytes`,
  });
}
