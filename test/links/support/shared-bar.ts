import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { DeviceRegisters } from '../../../src/camera-sim/device.js';
import { unlessRefused } from '../../../src/camera-sim/register-file.js';
import { DeviceFile } from '../../../src/link/device-file.js';
import { NOBODY, register, registerBlocks, type Register } from '../../../src/protocol/registers.js';

const BAR_BYTES = 4096;
const LOOK_EVERY_MS = 1;

interface Word {
  address: number;
  readable: boolean;
  /** What this side put there last. */
  shown: number;
}

/**
 * Registers in memory that a guest has as the BAR of QEMU's ivshmem-plain: every millisecond the words that the guest
 * has changed are written to the camera, and then all are shown as they are now. Memory has no side effects, so this
 * is less than a camera: a write of what stands there already is not seen, a refused read never is, of two writes to
 * a word within a millisecond the last one is, and `lastRefusal` comes too late for the access that it is about.
 */
export class SharedBar {
  private readonly words: Word[];
  private readonly timer: NodeJS.Timeout;
  private gone = false;

  private constructor(
    private readonly registers: DeviceRegisters,
    private readonly memory: DeviceFile,
  ) {
    this.words = allWords().map(({ register: { access }, address }) => {
      return { address, readable: access !== 'wo', shown: NOBODY };
    });
    this.show();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Makes the file that is the memory. */
  static async create(registers: DeviceRegisters, path: string): Promise<SharedBar> {
    await writeFile(path, new Uint8Array(BAR_BYTES).fill(0xff));
    const memory = new DeviceFile({ path, flags: constants.O_RDWR, buffers: 1, bufferBytes: BAR_BYTES });
    if ((await memory.open()) < 0 || (await memory.map(BAR_BYTES)) < 0)
      throw new Error(`no memory at ${path}`);
    return new SharedBar(registers, memory);
  }

  /** Vendor and device id of ivshmem. */
  static readonly ids = '1af4:1110';
  /** Arguments of QEMU for the memory at a path. */
  static devices(path: string): string[] {
    const memory = `memory-backend-file,id=registers,mem-path=${path},size=${BAR_BYTES},share=on`;
    return ['-object', memory, '-device', 'ivshmem-plain,memdev=registers'];
  }

  /** All ones, as from a device that has dropped off the bus. */
  drop(): void {
    this.gone = true;
    for (let address = 0; address < BAR_BYTES; address += 4) this.memory.store(address, NOBODY);
  }

  restore(): void {
    this.gone = false;
    for (const word of this.words) word.shown = NOBODY;
    this.show();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.memory.close();
  }

  private look(): void {
    if (this.gone) return;
    for (const word of this.words) {
      const value = this.memory.load(word.address);
      if (value === word.shown) continue;
      word.shown = value;
      unlessRefused(() => this.registers.write(word.address, Uint32Array.of(value)), undefined);
    }
    this.show();
  }

  private show(): void {
    for (const word of this.words) {
      const value = word.readable ? this.registers.read(word.address, 1)[0]! : NOBODY;
      if (value !== word.shown) this.memory.store(word.address, (word.shown = value));
    }
  }
}

/** Every word of the register map; the command last, behind the settings that it is about. */
function allWords(): { register: Register; address: number }[] {
  const registers = registerBlocks.flatMap<Register>((block) => block.registers);
  const words = registers.flatMap((each) =>
    Array.from({ length: each.words }, (_, i) => ({ register: each, address: each.address + 4 * i })),
  );
  const isCommand = ({ address }: { address: number }): boolean => address === register('command').address;
  return [...words.filter((word) => !isCommand(word)), ...words.filter(isCommand)];
}
