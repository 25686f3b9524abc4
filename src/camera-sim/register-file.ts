import {
  MAX_REGISTER_WORDS,
  type Register,
  type RegisterBlockName,
  type RegisterName,
  register,
  registerBlocks,
} from '../protocol/index.js';

/** A request the device refuses; the message is what the `refused` packet says. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** On a bus that carries no refusals back. */
export function unlessRefused<T>(access: () => T, otherwise: T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof Refusal) return otherwise;
    throw error;
  }
}

interface Word {
  register: Register;
  /** Which word of the register. */
  index: number;
}

/** Looks at a value before it is stored; throws a Refusal where the device cannot take it. */
type WriteGuard = (value: number) => void;

export const hex = (address: number): string => `0x${address.toString(16).padStart(3, '0')}`;

function wordsByAddress(): Map<number, Word> {
  const words = new Map<number, Word>();
  for (const block of registerBlocks) {
    for (const entry of block.registers as readonly Register[]) {
      for (let index = 0; index < entry.words; index++) {
        words.set(entry.address + 4 * index, { register: entry, index });
      }
    }
  }
  return words;
}

const layout = wordsByAddress();
const endAddress = Math.max(...layout.keys()) + 4;

/** The register that a word belongs to. */
export const registerAt = (address: number): Register | undefined => layout.get(address)?.register;

/** What holds of every request, whatever registers there are. */
export function checkSpan(address: number, words: number): void {
  if (words < 1 || words > MAX_REGISTER_WORDS) {
    throw new Refusal(`${words} words asked for; 1 to ${MAX_REGISTER_WORDS} can be`);
  }
  if (address % 4 !== 0) throw new Refusal(`address ${hex(address)} is not a multiple of 4`);
}

/**
 * The register map as the device keeps it. The host side (`read`, `write`) obeys the access rules of the map;
 * the device side (`set`, `get`, `live`) does not. A write is taken whole or not at all.
 */
export class RegisterFile {
  private readonly memory = new Uint32Array(endAddress / 4);
  private readonly sources = new Map<string, () => number>();
  private readonly guards = new Map<string, WriteGuard>();
  private readonly actions = new Map<string, WriteGuard>();

  /** @param locked why configuration cannot be written at present; null while it can. */
  constructor(private readonly locked: () => string | null) {}

  get(name: RegisterName): number {
    return this.memory[register(name).address / 4]!;
  }

  set(name: RegisterName, value: number, index = 0): void {
    this.memory[register(name).address / 4 + index] = value;
  }

  /** Bytes in memory order: text and ids. Shorter content is padded with zeros. */
  setBytes(name: RegisterName, bytes: Uint8Array): void {
    const { address, words } = register(name);
    const room = new Uint8Array(this.memory.buffer, address, words * 4);
    room.fill(0);
    room.set(bytes.subarray(0, room.length));
  }

  /** A register whose value is looked up at every read. A two-word one latches its high word with the low one. */
  live(name: RegisterName, value: () => number): void {
    this.sources.set(name, value);
  }

  guard(name: RegisterName, check: WriteGuard): void {
    this.guards.set(name, check);
  }

  /** A write-only register: the value is acted upon, not kept. The action throws a Refusal where it cannot. */
  action(name: RegisterName, act: WriteGuard): void {
    this.actions.set(name, act);
  }

  read(address: number, words: number): Uint32Array {
    return this.watched(address, false, () => this.readWords(address, words));
  }

  write(address: number, values: Uint32Array): void {
    this.watched(address, true, () => this.writeWords(address, values));
  }

  private readWords(address: number, words: number): Uint32Array {
    const targets = this.span(address, words);
    for (const { register: target } of targets) {
      if (target.access === 'wo') throw new Refusal(`register ${target.name} cannot be read`);
    }
    const values = new Uint32Array(words);
    targets.forEach((word, i) => {
      if (word.index === 0) this.refresh(word.register);
      values[i] = this.memory[address / 4 + i]!;
    });
    return values;
  }

  private writeWords(address: number, values: Uint32Array): void {
    const targets = this.span(address, values.length);
    const lock = this.locked();
    targets.forEach(({ register: target }, i) => {
      if (target.access === 'ro') throw new Refusal(`register ${target.name} is read-only`);
      if (target.access === 'rw' && lock)
        throw new Refusal(`register ${target.name} is read-only while ${lock}`);
      this.guards.get(target.name)?.(values[i]!);
    });
    targets.forEach(({ register: target }, i) => {
      if (target.access === 'wo') this.actions.get(target.name)?.(values[i]!);
      else if (target.access === 'w1c') this.memory[address / 4 + i]! &= ~values[i]!;
      else this.memory[address / 4 + i] = values[i]!;
    });
  }

  /** The words of a block in register order, as a telemetry packet carries them. */
  block(name: RegisterBlockName): Uint32Array {
    const block = registerBlocks.find((candidate) => candidate.name === name)!;
    const words: number[] = [];
    for (const entry of block.registers as readonly Register[]) {
      this.refresh(entry);
      for (let i = 0; i < entry.words; i++) words.push(this.memory[entry.address / 4 + i]!);
    }
    return Uint32Array.from(words);
  }

  /** Counts a refused access in `lastRefusal`, for hosts that do not see the refusal itself. */
  private watched<T>(address: number, write: boolean, access: () => T): T {
    try {
      return access();
    } catch (error) {
      if (error instanceof Refusal) {
        const refusals = ((this.get('lastRefusal') >>> 16) + 1) & 0xffff;
        this.set('lastRefusal', (refusals << 16) | (write ? 0x8000 : 0) | (address & 0xfff));
      }
      throw error;
    }
  }

  private refresh(entry: Register): void {
    const source = this.sources.get(entry.name);
    if (!source) return;
    const value = source();
    this.memory[entry.address / 4] = value % 0x1_0000_0000;
    if (entry.words === 2) this.memory[entry.address / 4 + 1] = Math.floor(value / 0x1_0000_0000);
  }

  private span(address: number, words: number): Word[] {
    checkSpan(address, words);
    return Array.from({ length: words }, (_, i) => {
      const word = layout.get(address + 4 * i);
      if (!word) throw new Refusal(`no register at address ${hex(address + 4 * i)}`);
      return word;
    });
  }
}
