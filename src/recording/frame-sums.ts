import type { StreamPlane } from '../protocol/stream.js';
import { ValueCounts } from './quantiles.js';
import type { RecordedColumns, RecordingReader } from './recording-reader.js';
import { WeightedMean } from './weighted-mean.js';

/** Planes with lifetimes; 0 is "no valid estimate" in them. */
export const lifetimePlanes = [
  'meanLifetimeAmplitude',
  'meanLifetimeIntensity',
] as const satisfies readonly StreamPlane[];
export type LifetimePlane = (typeof lifetimePlanes)[number];

/** The mean of all frames, pixel by pixel. */
export interface MeanFrame {
  width: number;
  height: number;
  /** Mean of the valid lifetimes of the pixel, weighted with its photons, ps; 0 where none is valid. */
  lifetimePs: Uint16Array;
  /** Mean photons a frame, of the frames that have the row. */
  photons: Float64Array;
  /** Rows that no frame has. */
  rowsMissing: boolean[];
}

/** What all frames of a recording add up to; made in one pass over the file. */
export interface FrameSums {
  /** Valid lifetimes of each plane. */
  lifetimes: Record<LifetimePlane, ValueCounts>;
  totalPhotons: number;
  /** Pixels of all frames whose row arrived. */
  pixels: number;
  /** With lifetimes of `plane`. */
  meanFrame: MeanFrame;
}

/** @param plane whose lifetimes the mean frame shows */
export function sumFrames(
  recording: RecordingReader,
  columns: Pick<RecordedColumns, 'rowsValid'>,
  plane: LifetimePlane,
): FrameSums {
  const { width, height } = recording.header.camera;
  const sums = new PixelSums(width, height);
  const lifetimes = { meanLifetimeAmplitude: new ValueCounts(), meanLifetimeIntensity: new ValueCounts() };
  for (let frame = 0; frame < recording.frames; frame++) {
    const photons = recording.map('photons', frame);
    for (const name of lifetimePlanes) {
      const values = recording.map(name, frame);
      for (const value of values) if (value > 0) lifetimes[name].add(value);
      if (name === plane)
        sums.add(values, photons, columns.rowsValid.subarray(frame * height, (frame + 1) * height));
    }
  }
  return { lifetimes, totalPhotons: sums.totalPhotons, pixels: sums.pixels, meanFrame: sums.mean() };
}

class PixelSums {
  totalPhotons = 0;
  pixels = 0;
  readonly #photons: Float64Array;
  readonly #lifetimes: WeightedMean;
  readonly #rowFrames: Float64Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    const pixels = width * height;
    this.#photons = new Float64Array(pixels);
    this.#lifetimes = new WeightedMean(pixels);
    this.#rowFrames = new Float64Array(height);
  }

  add(lifetimes: ArrayLike<number>, photons: ArrayLike<number>, rowsValid: Uint8Array): void {
    const { width, height } = this;
    for (let y = 0; y < height; y++) {
      if (!rowsValid[y]) continue;
      this.#rowFrames[y]!++;
      this.pixels += width;
      for (let pixel = y * width; pixel < (y + 1) * width; pixel++) {
        const count = photons[pixel]!;
        this.totalPhotons += count;
        this.#photons[pixel]! += count;
      }
    }
    // In a row that is missing none is valid.
    this.#lifetimes.add(lifetimes, photons);
  }

  mean(): MeanFrame {
    const { width, height } = this;
    const frames = (pixel: number): number => Math.max(1, this.#rowFrames[Math.floor(pixel / width)]!);
    return {
      width,
      height,
      lifetimePs: this.#lifetimes.result(),
      photons: this.#photons.map((sum, pixel) => sum / frames(pixel)),
      rowsMissing: Array.from(this.#rowFrames, (count) => count === 0),
    };
  }
}
