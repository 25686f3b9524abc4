import { open } from 'node:fs/promises';

/** Places in the superblock of an HDF5 file, versions 2 and 3 (HDF5 File Format Specification, II.A). */
const VERSION_AT = 8;
const OFFSET_SIZE_AT = 9;
const FLAGS_AT = 11;
const END_AT = 28;
const SUPERBLOCK_BYTES = 48;

/**
 * Bytes that a file which its writer closed is shorter than it says: it was cut off later. 0 for all others; of one
 * that was never closed nothing can be said.
 */
export async function bytesCutOff(name: string): Promise<number> {
  const file = await open(name);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SUPERBLOCK_BYTES), 0, SUPERBLOCK_BYTES, 0);
    if (bytesRead < SUPERBLOCK_BYTES) return 0;
    const [version, offsetSize, flags] = [buffer[VERSION_AT]!, buffer[OFFSET_SIZE_AT], buffer[FLAGS_AT]];
    if (version < 2 || version > 3 || offsetSize !== 8 || flags !== 0) return 0;
    const { size } = await file.stat();
    return Math.max(0, Number(buffer.readBigUInt64LE(END_AT)) - size);
  } finally {
    await file.close();
  }
}
