import { FlimdError } from '../protocol/errors.js';
import { HISTOGRAM_BEAT_BINS } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';

/**
 * A frame of histograms `[row][x][bin]` as the injector takes it: u16, every pixel filled up with empty bins to a
 * multiple of a beat. @throws FlimdError FLIMD_E_REQUEST where it is not a frame of this camera
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
  const stride = Math.ceil(bins / HISTOGRAM_BEAT_BINS) * HISTOGRAM_BEAT_BINS;
  const frame = new Uint16Array(pixels * stride);
  if (stride === bins) frame.set(histograms);
  else {
    for (let pixel = 0; pixel < pixels; pixel++) {
      frame.set(histograms.subarray(pixel * bins, (pixel + 1) * bins), pixel * stride);
    }
  }
  return new Uint8Array(frame.buffer);
}
