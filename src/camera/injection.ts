import { FlimdError } from '../protocol/errors.js';
import type { CameraDescription } from '../protocol/stream.js';

/** The injector takes four bins of a pixel at a time. */
const BEAT_BINS = 4;

/**
 * A frame of histograms `[row][x][bin]` as the injector takes it: u16, every pixel filled up with empty bins to a
 * multiple of four. @throws FlimdError FLIMD_E_REQUEST where it is not a frame of this camera
 */
export function injectedFrame(
  histograms: Uint16Array,
  { width, height, bins }: Pick<CameraDescription, 'width' | 'height' | 'bins'>,
): Uint8Array {
  const pixels = width * height;
  if (histograms.length !== pixels * bins) {
    throw new FlimdError('FLIMD_E_REQUEST', 'this is not a frame of histograms of the camera', {
      value: `${histograms.length} counts`,
      expected: `${pixels * bins}: ${height} rows × ${width} × ${bins} bins`,
    });
  }
  const stride = Math.ceil(bins / BEAT_BINS) * BEAT_BINS;
  const frame = new Uint16Array(pixels * stride);
  if (stride === bins) frame.set(histograms);
  else {
    for (let pixel = 0; pixel < pixels; pixel++) {
      frame.set(histograms.subarray(pixel * bins, (pixel + 1) * bins), pixel * stride);
    }
  }
  return new Uint8Array(frame.buffer);
}
