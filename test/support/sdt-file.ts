import { zipSync } from 'fflate';

/** A small SDT file, written from the same structure description the reader follows. */
export interface SdtFile {
  width: number;
  height: number;
  bins: number;
  /** Counts `[channel][y][x][bin]`, one block per channel. */
  channels: ArrayLike<number>[];
  countIncrement?: number;
  wide?: boolean;
  zipped?: boolean;
  revision?: 12 | 15;
  /** Bits 4 to 7 of the block type; 0x10 = scan image, 0x60 = FIFO image, 0 = one decay. */
  content?: number;
  /** Puts the channels into one block instead, as routing channels side by side. */
  oneBlock?: boolean;
  lowPercent?: number;
  highPercent?: number;
  title?: string;
}

const HEADER_BYTES = 42;
const BLOCK_HEADER_BYTES = 22;
const MEASUREMENT_BYTES = 512;

export function writeSdt(file: SdtFile): Uint8Array {
  const information = Buffer.from(
    `*IDENTIFICATION\r\n  ID        : _SPC Setup & Data File_\r\n  Title     : ${file.title ?? 'test'}\r\n` +
      '  Date      : 02-03-2004\r\n  Time      : 10:11:12\r\n*END\r\n',
  );
  const measurementAt = HEADER_BYTES + information.length;
  const blocks = file.oneBlock ? [file.channels.flatMap((counts) => Array.from(counts))] : file.channels;
  const parts: Buffer[] = [];
  let at = measurementAt + MEASUREMENT_BYTES;
  for (const [number, counts] of blocks.entries()) {
    const { header, content } = dataBlock(file, counts, number, at);
    parts.push(header, content);
    at += header.length + content.length;
  }
  const header = fileHeader(file, information.length, measurementAt, blocks.length);
  return Uint8Array.from(Buffer.concat([header, information, measurement(file), ...parts]));
}

function fileHeader(file: SdtFile, infoBytes: number, measurementAt: number, blocks: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt16LE(0x240 | (file.revision ?? 12), 0);
  header.writeInt32LE(HEADER_BYTES, 2);
  header.writeInt16LE(infoBytes, 6);
  header.writeInt32LE(measurementAt + MEASUREMENT_BYTES, 14);
  header.writeInt16LE(blocks, 18);
  header.writeInt32LE(measurementAt, 24);
  header.writeInt16LE(1, 28);
  header.writeInt16LE(MEASUREMENT_BYTES, 30);
  header.writeUInt16LE(0x5555, 32);
  let sum = 0;
  for (let word = 0; word < HEADER_BYTES; word += 2) sum += header.readUInt16LE(word);
  header.writeUInt16LE((0x55aa - sum) & 0xffff, 40);
  return header;
}

function measurement(file: SdtFile): Buffer {
  const block = Buffer.alloc(MEASUREMENT_BYTES);
  block.write('10:11:12', 0);
  block.write('02-03-2004', 9);
  block.writeFloatLE(5e-8, 64);
  block.writeInt16LE(4, 68);
  block.writeFloatLE(file.lowPercent ?? 0, 74);
  block.writeFloatLE(file.highPercent ?? 0, 78);
  block.writeInt16LE(file.bins, 82);
  block.writeFloatLE(30, 92);
  block.writeInt16LE(file.countIncrement ?? 1, 113);
  block.write('SPC-150', 117);
  block.writeInt32LE(file.width, 173);
  block.writeInt32LE(file.height, 177);
  block.writeInt32LE(file.oneBlock ? file.channels.length : 1, 181);
  block.writeInt32LE(1, 185);
  block.writeFloatLE(8.001e7, 247);
  return block;
}

function dataBlock(
  file: SdtFile,
  counts: ArrayLike<number>,
  number: number,
  at: number,
): { header: Buffer; content: Buffer } {
  const plain = Buffer.from(
    (file.wide ? Uint32Array.from(counts) : Uint16Array.from(counts)).buffer as ArrayBuffer,
  );
  const content = file.zipped ? Buffer.from(zipSync({ data_block: plain })) : plain;
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  if (file.revision !== 15) header.writeInt16LE(number + 1, 0);
  header.writeUInt32LE(at + BLOCK_HEADER_BYTES, 2);
  header.writeUInt32LE(at + BLOCK_HEADER_BYTES + content.length, 6);
  const type = 1 | (file.content ?? 0x10) | (file.wide ? 0x100 : 0) | (file.zipped ? 0x1000 : 0);
  header.writeUInt16LE(type, 10);
  header.writeUInt32LE(number + 1, 14);
  header.writeUInt32LE(plain.length, 18);
  return { header, content };
}
