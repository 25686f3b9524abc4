import { type ErrorCode, FlimdError } from '../../protocol/errors.js';
import { recordingError } from '../recording-error.js';

export type Hdf5 = typeof import('h5wasm/node');

export interface Hdf5Library {
  hdf5: Hdf5;
  module: Awaited<Hdf5['ready']>;
}

let library: Promise<Hdf5Library> | null = null;

/**
 * The HDF5 library, compiled to WebAssembly, with direct access to the file system of the host. Loaded when it is
 * first needed: it takes 4 MB and 0.1 s. All its calls block, so that it has no place in the daemon's main thread.
 */
export function loadHdf5(): Promise<Hdf5Library> {
  library ??= import('h5wasm/node').then(async (hdf5) => {
    const module = await hdf5.ready;
    // Without it errors are printed, and those of closing a dataset, which is when chunks are written, are lost.
    module.activate_throwing_error_handler();
    return { hdf5, module };
  });
  return library;
}

/** Numbers of errors as the WebAssembly system interface counts them, which the library runs on. */
const WASI_DISK_FULL = new Set([/* EDQUOT */ 19, /* EFBIG */ 22, /* ENOSPC */ 51]);

/** The error that the library threw while it wrote to a file: its own words are a page of calls. */
export function writeError(file: string, cause: unknown): FlimdError {
  if (cause instanceof FlimdError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const [, number, words] = /errno = (\d+), error message = '([^']*)'/.exec(text) ?? [];
  const full = WASI_DISK_FULL.has(Number(number));
  const code: ErrorCode = full ? 'FLIMD_E_RECORDING_DISK_FULL' : 'FLIMD_E_RECORDING_WRITE';
  const details = {
    value: file,
    expected: full ? 'room on the disk' : 'a file that can be written',
    action: full
      ? 'make room, or set recording.directory to another disk; what was written can be read'
      : 'look at the disk; what was written can be read',
  };
  return new FlimdError(code, `the recording cannot go on: ${words ?? deepest(text)}`, details, { cause });
}

/** The same for a file that cannot be read. */
export function readError(file: string, cause: unknown): FlimdError {
  if (cause instanceof FlimdError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const details = { value: file, expected: 'an HDF5 file', action: 'check the path and the file' };
  return recordingError(`${file} cannot be read: ${deepest(text)}`, details, cause);
}

/** The innermost of the calls that the library lists says what happened. */
function deepest(text: string): string {
  const calls = text.split('\n').filter((line) => /^\s*#\d+:/.test(line));
  return /\):? (.*)$/.exec(calls.at(-1) ?? '')?.[1] ?? text.split('\n', 1)[0]!.slice(0, 300);
}
