import { nativeAddon } from '../native-addon.js';
import { FlimdError } from '../protocol/errors.js';

/** What native/links/device-file.cc exports; Linux only. */
export interface NativeDeviceFile {
  readonly buffers: Uint8Array[];
  /** `call`: 0 open, 1 read, 2 write, 3 map. `position` −1: none is given. */
  submit(id: number, call: number, buffer: number, bytes: number, position: number): void;
  /** To be called until `done(undefined)` comes. */
  interrupt(): void;
  load(address: number): number;
  store(address: number, value: number): void;
}

interface Addon {
  DeviceFile?: new (
    path: string,
    flags: number,
    buffers: number,
    bufferBytes: number,
    done: (id: number | undefined, result: number) => void,
  ) => NativeDeviceFile;
  openPty(): Pty;
}

/** Both ends of a new pseudo-terminal in raw mode: descriptors, and the device node of the slave. */
export interface Pty {
  master: number;
  slave: number;
  path: string;
}

const addon = nativeAddon<Addon>('Release/flimd.node', 'the native part does');

/** @throws FlimdError FLIMD_E_NATIVE_MISSING, FLIMD_E_CAPABILITY */
export function deviceFileClass(): NonNullable<Addon['DeviceFile']> {
  const { DeviceFile } = addon();
  if (DeviceFile) return DeviceFile;
  throw new FlimdError('FLIMD_E_CAPABILITY', 'device nodes can be read on Linux only', {
    value: process.platform,
    expected: 'linux',
  });
}

/**
 * Node.js itself cannot make a pseudo-terminal.
 * @throws FlimdError FLIMD_E_NATIVE_MISSING, FLIMD_E_CAPABILITY
 */
export function openPty(): Pty {
  const { openPty: open } = addon();
  try {
    return open();
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_CAPABILITY',
      `the system gives no pseudo-terminal: ${(cause as Error).message}`,
      { expected: 'Linux or macOS, with a free pseudo-terminal', action: 'see /proc/sys/kernel/pty/max' },
      { cause },
    );
  }
}
