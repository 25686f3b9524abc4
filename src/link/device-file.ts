import { constants } from 'node:os';
import { deviceFileClass, type NativeDeviceFile } from './native.js';

const Call = { open: 0, read: 1, write: 2, map: 3 } as const;
const NO_POSITION = -1;
/** A signal that comes just before the call it is to interrupt is lost; so it is sent again. */
const INTERRUPT_AGAIN_MS = 5;
/** A driver that ignores signals for so long keeps its thread; the rest goes on. */
const CLOSE_TIMEOUT_MS = 2000;

/** What a call gives on a node that was closed meanwhile. */
export const CANCELED = -constants.errno.ECANCELED;

/** A path and the flags of open(2), or a descriptor that is open already. */
type Source = { path: string; flags: number } | { descriptor: number };

export type DeviceFileOptions = Source & {
  buffers: number;
  bufferBytes: number;
};

/**
 * A device node with a thread of its own and buffers of its own, aligned to pages. Calls are carried out in the
 * order in which they were made; each resolves with the number of bytes, or with −errno.
 */
export class DeviceFile {
  readonly buffers: readonly Uint8Array[];
  readonly #native: NativeDeviceFile;
  readonly #waiting = new Map<number, (result: number) => void>();
  readonly #ended: Promise<void>;
  #nextId = 0;
  #closed: Promise<void> | null = null;

  /** The node is not opened yet: that may block too. @throws FlimdError FLIMD_E_NATIVE_MISSING, FLIMD_E_CAPABILITY */
  constructor({ buffers, bufferBytes, ...source }: DeviceFileOptions) {
    let ended: () => void;
    this.#ended = new Promise((resolve) => (ended = resolve));
    const done = (id: number | undefined, result: number): void => {
      if (id === undefined) return ended();
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    };
    const [path, flags] = 'path' in source ? [source.path, source.flags] : ['', source.descriptor];
    this.#native = new (deviceFileClass())(path, flags, buffers, bufferBytes, done);
    this.buffers = this.#native.buffers;
  }

  open(): Promise<number> {
    return this.#submit(Call.open, 0, 0, NO_POSITION);
  }

  /** Fills buffer number `buffer` from its start. */
  read(buffer: number, bytes: number, position = NO_POSITION): Promise<number> {
    return this.#submit(Call.read, buffer, bytes, position);
  }

  write(buffer: number, bytes: number, position = NO_POSITION): Promise<number> {
    return this.#submit(Call.write, buffer, bytes, position);
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /** Maps the first bytes of the node; from then on until it is closed `load` and `store` reach them. */
  map(bytes: number): Promise<number> {
    return this.#submit(Call.map, 0, bytes, NO_POSITION);
  }

  /** All ones where nothing answers: the device, or the end of the file, is gone. */
  load(address: number): number {
    return this.#native.load(address);
  }

  store(address: number, value: number): void {
    this.#native.store(address, value);
  }

  /** Cancels what is under way (−ECANCELED) and closes the node; does not hang whatever the driver does. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end());
  }

  #submit(call: number, buffer: number, bytes: number, position: number): Promise<number> {
    if (this.#closed) return Promise.resolve(CANCELED);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#native.submit(id, call, buffer, bytes, position);
    });
  }

  async #end(): Promise<void> {
    this.#native.interrupt();
    const again = setInterval(() => this.#native.interrupt(), INTERRUPT_AGAIN_MS);
    let giveUp: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    await Promise.race([this.#ended, patience]);
    clearInterval(again);
    clearTimeout(giveUp);
    for (const resolve of this.#waiting.values()) resolve(CANCELED);
    this.#waiting.clear();
  }
}
