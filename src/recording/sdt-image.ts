import type { ByteReader } from './byte-reader.js';
import { recordingError } from './recording-error.js';
import { readBlockBytes, type SdtBlock } from './sdt-block.js';
import type { ImageShape, SdtMeasurement } from './sdt-header.js';

const MAX_SIDE = 16_384;
/** More routing channels than any of the instruments has. */
const MAX_CHANNELS = 1024;

export interface ImageLocation {
  block: SdtBlock;
  measurement: SdtMeasurement;
  width: number;
  height: number;
  /** Of the image inside its block. */
  index: number;
}

/** The images of a block: its decays must be as many as the description says there are pixels. */
export function locateImages(block: SdtBlock, measurement: SdtMeasurement): ImageLocation[] {
  if (block.countBytes === null) return [];
  const decays = block.bytes / block.countBytes / measurement.bins;
  const fits = ({ width, height, channelsX, channelsY }: ImageShape): boolean => {
    if (width < 2 || height < 2 || width > MAX_SIDE || height > MAX_SIDE) return false;
    const images = decays / (width * height);
    const channels = Math.max(1, channelsX) * Math.max(1, channelsY);
    return images === 1 || (images === channels && images <= MAX_CHANNELS);
  };
  const shape = [measurement.scan, measurement.image].find(fits);
  if (!shape) {
    throw recordingError('the size of the image does not fit its data', {
      value: `${decays} decays of ${measurement.bins} bins`,
      expected: `${measurement.scan.width} × ${measurement.scan.height} pixels`,
      action: 'the file may be damaged, or of a kind that flimd does not know; please report it',
    });
  }
  const { width, height } = shape;
  return Array.from({ length: decays / (width * height) }, (_, index) => ({
    block,
    measurement,
    width,
    height,
    index,
  }));
}

/** Counts `[y][x][bin]` as they stand in the file. */
export function readCounts(file: ByteReader, image: ImageLocation, maxBytes: number): Uint16Array {
  const { block, measurement, width, height, index } = image;
  const length = width * height * measurement.bins;
  const content = readBlockBytes(file, block, maxBytes);
  const imageBytes = length * block.countBytes!;
  // A copy: the data of a file need not be aligned for 16-bit access.
  const bytes = new Uint8Array(content.subarray(index * imageBytes, (index + 1) * imageBytes));
  if (block.countBytes === 2) return new Uint16Array(bytes.buffer, 0, length);
  const wide = new Uint32Array(bytes.buffer, 0, length);
  const most = wide.reduce((highest, count) => Math.max(highest, count), 0);
  if (most > 0xffff) {
    throw recordingError('a bin holds more counts than flimd can take', {
      value: most,
      expected: 'at most 65535',
    });
  }
  return Uint16Array.from(wide);
}

/** Counts come in steps of the increment: divides by it, and does not believe it where they do not. */
export function divideByIncrement(counts: Uint16Array, increment: number): number {
  if (increment <= 1) return 1;
  const odd = counts.findIndex((count) => count % increment !== 0);
  if (odd >= 0) {
    throw recordingError('the counts are not multiples of the count increment that the file gives', {
      value: counts[odd],
      expected: `multiples of ${increment}`,
      action:
        'the recording may have been edited or have overflowed; record it again with less light or time',
    });
  }
  for (let i = 0; i < counts.length; i++) counts[i]! /= increment;
  return increment;
}

/** The decay of the whole image. */
export function sumOfDecays(counts: Uint16Array, bins: number): Float64Array {
  const sum = new Float64Array(bins);
  for (let i = 0; i < counts.length; i += bins) {
    for (let bin = 0; bin < bins; bin++) sum[bin]! += counts[i + bin]!;
  }
  return sum;
}
