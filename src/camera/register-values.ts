import { type RegisterBlockName, type Register, registerBlocks } from '../protocol/registers.js';
import type { RegisterAccess } from './registers.js';

const WORD_BYTES = 4;

/** The words of one register block, by register name. */
export class BlockValues {
  private readonly byName: ReadonlyMap<string, Uint32Array>;

  constructor(registers: readonly Register[], words: Uint32Array) {
    const first = registers[0]!.address;
    this.byName = new Map(
      registers.map(({ name, address, words: length }) => {
        const at = (address - first) / WORD_BYTES;
        return [name, words.slice(at, at + length)];
      }),
    );
  }

  words(name: string): Uint32Array {
    return this.byName.get(name)!;
  }

  number(name: string): number {
    return this.words(name)[0]!;
  }

  signed(name: string): number {
    return this.number(name) | 0;
  }

  /** A little-endian number of two words; exact up to 2^53. */
  wide(name: string): number {
    const [low, high] = this.words(name) as unknown as [number, number];
    return low + high * 0x1_0000_0000;
  }

  hex(name: string): string {
    return Buffer.from(this.bytes(name)).toString('hex');
  }

  /** ASCII, up to the padding. */
  text(name: string): string {
    return Buffer.from(this.bytes(name)).toString('latin1').replace(/\0+$/, '');
  }

  private bytes(name: string): Uint8Array {
    const words = this.words(name);
    const bytes = new DataView(new ArrayBuffer(words.byteLength));
    words.forEach((word, i) => bytes.setUint32(WORD_BYTES * i, word, true));
    return new Uint8Array(bytes.buffer);
  }
}

/** The registers of a block; within a block they follow each other without gaps. */
export function registersOf(block: RegisterBlockName): readonly Register[] {
  return registerBlocks.find(({ name }) => name === block)!.registers;
}

/** Reads a whole block in one request. */
export async function readBlock(bus: RegisterAccess, block: RegisterBlockName): Promise<BlockValues> {
  const registers = registersOf(block);
  const length = registers.reduce((sum, { words }) => sum + words, 0);
  return new BlockValues(registers, await bus.read(registers[0]!.address, length));
}
