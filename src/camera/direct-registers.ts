import {
  type DirectTarget,
  foreignRegisters,
  openRegisterChannel,
  type RegisterChannel,
} from '../link/index.js';
import { FlimdError } from '../protocol/errors.js';
import { NOBODY, register, REGISTER_MAP_MAGIC } from '../protocol/registers.js';
import type { RegisterBusOptions } from './register-bus.js';

const DEFAULT_ACCESS_TIMEOUT_MS = 2000;
const LAST_REFUSAL = register('lastRefusal').address;

/**
 * The registers of a camera on a link that reaches them directly. Where the link does not report refused accesses
 * (PCIe writes are posted: the error answer of the device never comes back), every access is followed by a reading
 * of `lastRefusal`, which has changed if the camera refused. Accesses go one after another for that.
 */
export class DirectRegisters {
  onLost: (error: FlimdError) => void = () => {};
  #channel!: RegisterChannel;
  #lastRefusal = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #failure: FlimdError | null = null;
  readonly #timeoutMs: number;

  private constructor({ requestTimeoutMs = DEFAULT_ACCESS_TIMEOUT_MS }: RegisterBusOptions) {
    this.#timeoutMs = requestTimeoutMs;
  }

  /** @throws FlimdError of the link, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
  static async open(target: DirectTarget, options: RegisterBusOptions): Promise<DirectRegisters> {
    const registers = new DirectRegisters(options);
    registers.#channel = await openRegisterChannel(target, (error) => registers.#lost(error));
    try {
      if (!registers.#channel.tellsRefusals) await registers.#meet();
      return registers;
    } catch (error) {
      await registers.close();
      throw error;
    }
  }

  read(address: number, words: number): Promise<Uint32Array> {
    return this.#inTurn(`a read at ${hex(address)}`, () => this.#channel.read(address, words));
  }

  write(address: number, values: readonly number[]): Promise<void> {
    return this.#inTurn(`a write at ${hex(address)}`, () => this.#channel.write(address, values));
  }

  async close(): Promise<void> {
    this.#failure ??= new FlimdError('FLIMD_E_LINK_LOST', 'the connection to the camera was closed', {
      action: 'connect again',
    });
    await this.#channel.close();
  }

  /** Before `lastRefusal` can be trusted: whether there is a register map at all, and this register in it. */
  async #meet(): Promise<void> {
    const word = async (address: number): Promise<number> =>
      (await this.#inTime('the first read', this.#channel.read(address, 1)))[0]!;
    const magic = await word(register('mapMagic').address);
    if (magic === REGISTER_MAP_MAGIC) this.#lastRefusal = await word(LAST_REFUSAL);
    if (magic === REGISTER_MAP_MAGIC && this.#lastRefusal !== NOBODY) return;
    throw foreignRegisters(magic);
  }

  #inTurn<T>(what: string, access: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      if (this.#failure) throw this.#failure;
      const result = await this.#inTime(what, access());
      if (!this.#channel.tellsRefusals) await this.#checkRefusal(what);
      return result;
    });
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async #checkRefusal(what: string): Promise<void> {
    const now = (await this.#inTime(what, this.#channel.read(LAST_REFUSAL, 1)))[0]!;
    if (now === this.#lastRefusal) return;
    if (now === NOBODY) {
      this.#lost(goneError());
      throw this.#failure!;
    }
    this.#lastRefusal = now;
    throw new FlimdError('FLIMD_E_LINK_REFUSED', `the camera refused ${what}`, {
      value: `lastRefusal ${hex(now)}`,
      action: 'see docs/registers.md for what a register takes, and when',
    });
  }

  async #inTime<T>(what: string, access: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(timeoutError(what, this.#timeoutMs)), this.#timeoutMs);
    });
    // Whichever loses the race may still fail later.
    access.catch(() => {});
    return Promise.race([access, silence]).finally(() => clearTimeout(timer));
  }

  #lost(error: FlimdError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.onLost(error);
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(3, '0')}`;

function goneError(): FlimdError {
  return new FlimdError('FLIMD_E_LINK_LOST', 'nothing answers for the registers of the camera any more', {
    value: hex(NOBODY),
    action:
      'was the bitstream reloaded, or the board taken out? Rescan the bus; flimd connects again by itself',
  });
}

function timeoutError(what: string, timeoutMs: number): FlimdError {
  return new FlimdError('FLIMD_E_LINK_TIMEOUT', `the camera did not answer ${what}`, {
    value: `${timeoutMs} ms`,
    action: 'check the link, or restart the camera',
  });
}
