import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { recordingError } from './recording-error.js';

export interface NpyArray {
  shape: number[];
  /** NumPy type string without byte order, such as `u2`, `f4`, `b1`. */
  dtype: string;
  data:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
}

const elementTypes = {
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

/** The arrays of an `.npz` file (NumPy's zip of `.npy`), C order and little-endian only. */
export async function readNpz(path: string): Promise<Record<string, NpyArray>> {
  const entries = Object.entries(unzip(await readFile(path)));
  return Object.fromEntries(entries.map(([name, bytes]) => [name.replace(/\.npy$/, ''), parseNpy(bytes)]));
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (cause) {
    throw recordingError('the file is not a zip of NumPy arrays', { expected: 'an .npz file' }, cause);
  }
}

/** NumPy's format 1.0 to 3.0: magic, version, header length, a Python dictionary, the elements. */
function parseNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lengthBytes = bytes[6] === 1 ? 2 : 4;
  const headerLength = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataAt = 8 + lengthBytes + headerLength;
  const header = new TextDecoder().decode(bytes.subarray(8 + lengthBytes, dataAt));
  const descr = /'descr':\s*'[<|](\w+)'/.exec(header)?.[1] ?? 'unknown';
  const type = elementTypes[descr as keyof typeof elementTypes];
  if (type === undefined || !header.includes("'fortran_order': False"))
    throw recordingError('the array is of a kind that is not read', {
      value: header.trim(),
      expected: `C order, one of ${Object.keys(elementTypes).join(', ')}, little-endian`,
      action: 'save it again as one of these',
    });
  const shape = [...(/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '').matchAll(/\d+/g)].map(([size]) =>
    Number(size),
  );
  return { shape, dtype: descr, data: new type(bytes.slice(dataAt).buffer) };
}
