import { FlimdError } from '../protocol/errors.js';
import type { FrameMessage, PlaneDescription, PlaneType } from '../protocol/stream.js';

export type PlaneArray = Uint8Array | Uint16Array | Uint32Array;

/** A frame of the stream with its planes as typed arrays, row-major `[y][x]`. */
export interface LifetimeFrame extends Omit<FrameMessage, 'type' | 'planes'> {
  /** By the names of `start.planes`; views into the message where its alignment allows. */
  planes: Record<string, PlaneArray>;
  /** When it arrived, unix ms by this client's clock. */
  receivedAt: number;
}

const elementBytes: Record<PlaneType, number> = { u8: 1, u16: 2, u32: 4 };

/**
 * Little-endian bytes as a typed array: a view where they are aligned, else a copy.
 * (Typed arrays have the machine's byte order; every machine with a browser or Node 20 is little-endian.)
 */
export function planeArray(type: PlaneType, bytes: Uint8Array): PlaneArray {
  const size = elementBytes[type];
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const length = bytes.length / size;
  if (type === 'u8') return new Uint8Array(buffer, byteOffset, length);
  if (type === 'u16') return new Uint16Array(buffer, byteOffset, length);
  return new Uint32Array(buffer, byteOffset, length);
}

/** The planes the series announced, each of `width * height` elements. Throws FLIMD_E_REQUEST. */
export function readPlanes(
  frame: FrameMessage,
  descriptions: PlaneDescription[],
): Record<string, PlaneArray> {
  const planes: Record<string, PlaneArray> = {};
  const pixels = frame.width * frame.height;
  for (const { name, type } of descriptions) {
    const bytes = frame.planes[name];
    const expected = pixels * elementBytes[type];
    if (bytes?.length !== expected) {
      throw new FlimdError('FLIMD_E_REQUEST', `plane ${name} of frame ${frame.frame} has the wrong size`, {
        value: bytes?.length ?? null,
        expected: `${expected} bytes: ${frame.width} × ${frame.height} ${type}`,
      });
    }
    planes[name] = planeArray(type, bytes);
  }
  if (frame.rowsValid !== null && frame.rowsValid.length !== frame.height) {
    throw new FlimdError('FLIMD_E_REQUEST', `the row mask of frame ${frame.frame} has the wrong size`, {
      value: frame.rowsValid.length,
      expected: `${frame.height} bytes, one a row`,
    });
  }
  return planes;
}
