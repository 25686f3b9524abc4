import type { StreamPlane } from '../protocol/stream.js';
import { WeightedMean } from '../recording/weighted-mean.js';
import { exportError } from './export-error.js';
import type { ExportedFrame, MapValues, Measurement, Progress } from './measurement.js';

const MOST = 0xffff_ffff;

export interface SummedParts {
  maps: boolean;
  histograms: boolean;
}

/**
 * All frames as one, held in memory. Histograms and photons are added; a lifetime is the mean of those of the frames
 * in which the pixel has one, weighted by its photons there: Σ nτ / Σ n. Its standard error is that of such a mean of
 * independent values: √(Σ n²σ²) / Σ n.
 *
 * @throws FlimdError FLIMD_E_EXPORT_LIMIT where a sum does not fit 32 bits
 */
export async function sumFrames(
  measurement: Measurement,
  parts: SummedParts,
  progress: Progress,
): Promise<Measurement> {
  const { frames, about } = measurement;
  const pixels = about.width * about.height;
  const maps = new Map(
    (parts.maps ? measurement.maps : []).map(({ name }) => [name, accumulator(name, pixels)] as const),
  );
  const histograms = new Uint32Array(parts.histograms ? pixels * about.bins : 0);
  for (const frame of frames.keys()) {
    await progress('summing frames', frame, frames.length);
    if (maps.size > 0) {
      const photons = measurement.map('photons', frame);
      for (const [name, sum] of maps) sum.add(measurement.map(name, frame), photons);
    }
    if (parts.histograms) addHistograms(histograms, measurement.histograms(frame));
  }
  const results = new Map([...maps].map(([name, sum]) => [name, sum.result()]));
  return {
    about,
    maps: measurement.maps.filter(({ name }) => results.has(name)),
    histogramBits: parts.histograms ? 32 : null,
    frames: [wholeOf(frames)],
    map: (name) => results.get(name)!,
    histograms: () => histograms,
  };
}

interface MapSum {
  add(values: MapValues, photons: MapValues): void;
  result(): MapValues;
}

function accumulator(name: StreamPlane, pixels: number): MapSum {
  if (name === 'photons') return new PhotonSum(pixels);
  return new WeightedMean(pixels, name.startsWith('standardError'));
}

class PhotonSum implements MapSum {
  readonly #sum: Float64Array;

  constructor(pixels: number) {
    this.#sum = new Float64Array(pixels);
  }

  add(values: MapValues): void {
    for (let pixel = 0; pixel < values.length; pixel++) this.#sum[pixel]! += values[pixel]!;
  }

  result(): Uint32Array {
    if (this.#sum.some((photons) => photons > MOST)) throw tooMany();
    return Uint32Array.from(this.#sum);
  }
}

function addHistograms(sum: Uint32Array, histograms: ArrayLike<number>): void {
  for (let at = 0; at < sum.length; at++) {
    const photons = sum[at]! + histograms[at]!;
    if (photons > MOST) throw tooMany();
    sum[at] = photons;
  }
}

function tooMany(): Error {
  return exportError('FLIMD_E_EXPORT_LIMIT', 'the sum of the frames does not fit 32 bits', {
    expected: `at most ${MOST} photons`,
    action: 'sum fewer frames (--frames A:B)',
  });
}

/** A row counts as valid where some frame has it. */
function wholeOf(frames: readonly ExportedFrame[]): ExportedFrame {
  const [first] = frames as [ExportedFrame];
  return {
    number: first.number,
    startS: frames.reduce((least, { startS }) => Math.min(least, startS), Infinity),
    exposureS: frames.reduce((sum, { exposureS }) => sum + exposureS, 0),
    unixTimeMs: first.unixTimeMs,
    complete: frames.every(({ complete }) => complete),
    rowsValid: first.rowsValid.map((_, row) =>
      frames.some(({ rowsValid }) => rowsValid[row] === 1) ? 1 : 0,
    ),
  };
}
