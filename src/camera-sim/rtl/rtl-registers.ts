import { type Register, register } from '../../protocol/index.js';
import type { DeviceRegisters } from '../device.js';
import { checkSpan, hex, Refusal, registerAt } from '../register-file.js';
import type { RtlDevice } from './rtl-addon.js';

/** What surrounds the bitstream. */
export interface Surroundings {
  /** A request comes: the pins show the present. */
  begin(): void;
  /** Throws a Refusal for what the bitstream could do but nobody around it. */
  check(target: Register | undefined, value: number): void;
  written(target: Register, value: number): void;
  /** The request has taken some cycles, in which things may have begun. */
  end(): void;
}

/**
 * The registers of the simulated bitstream, word by word as over a real register port. Whether a word is taken the
 * bitstream says; the words of a refusal are put here. Other than in the virtual camera a request of several words
 * stops at the first that is refused, and those before it have been taken.
 */
export class RtlRegisters implements DeviceRegisters {
  constructor(
    private readonly device: RtlDevice,
    private readonly surroundings: Surroundings,
  ) {}

  read(address: number, words: number): Uint32Array {
    checkSpan(address, words);
    checkReach(address, words);
    return this.request(() => Uint32Array.from({ length: words }, (_, i) => this.readWord(address + 4 * i)));
  }

  write(address: number, values: Uint32Array): void {
    checkSpan(address, values.length);
    checkReach(address, values.length);
    this.request(() => values.forEach((value, i) => this.writeWord(address + 4 * i, value)));
  }

  private request<T>(access: () => T): T {
    this.surroundings.begin();
    try {
      return access();
    } finally {
      this.surroundings.end();
    }
  }

  private readWord(address: number): number {
    const value = this.device.read(address);
    if (value !== null) return value;
    const target = registerAt(address);
    throw new Refusal(
      target ? `register ${target.name} cannot be read` : `no register at address ${hex(address)}`,
    );
  }

  private writeWord(address: number, value: number): void {
    const target = registerAt(address);
    this.surroundings.check(target, value);
    if (!this.device.write(address, value)) throw new Refusal(this.whyRefused(address, target, value));
    this.surroundings.written(target!, value);
  }

  private whyRefused(address: number, target: Register | undefined, value: number): string {
    if (!target) return `no register at address ${hex(address)}`;
    if (target.access === 'ro') return `register ${target.name} is read-only`;
    const state = this.device.read(register('state').address)!;
    return `the bitstream refuses to write ${value} to ${target.name} in state ${state}`;
  }
}

/** The port has 12 address bits; what lies beyond must not come around. */
function checkReach(address: number, words: number): void {
  const last = address + 4 * words - 4;
  if (last >= 0x1000) throw new Refusal(`no register at address ${hex(last)}`);
}
