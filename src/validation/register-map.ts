import { type Register, registerBlocks, type RegisterBlockName } from '../protocol/registers.js';

interface MapWord {
  name: string;
  block: RegisterBlockName;
  address: number;
  access: Register['access'];
}

/** Addresses of the map have 12 bits. */
const MAP_BYTES = 4096;

/** Every word of every register. */
export const words: readonly MapWord[] = registerBlocks.flatMap(({ name: block, registers }) =>
  (registers as readonly Register[]).flatMap(({ name, address, words: length, access }) =>
    Array.from({ length }, (_, i) => ({
      ...{ name: length === 1 ? name : `${name}[${i}]`, block, access },
      address: address + 4 * i,
    })),
  ),
);

const known = new Set(words.map(({ address }) => address));
const end = Math.max(...known) + 4;

/** Addresses where no register is: all between those of the map, the one behind it, and the last that there could be. */
export const foreignAddresses: readonly number[] = [
  ...Array.from({ length: end / 4 + 1 }, (_, i) => 4 * i).filter((address) => !known.has(address)),
  MAP_BYTES - 4,
];
