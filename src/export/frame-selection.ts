import { exportError } from './export-error.js';
import type { Measurement } from './measurement.js';

/** Positions in the file, from 0; `end` is not included; null: from the first, to the last. */
export interface FrameRange {
  from: number | null;
  end: number | null;
}

/**
 * Some of the frames of a measurement, which must be there.
 * @throws FlimdError FLIMD_E_EXPORT_CONTENT
 */
export function selectFrames(measurement: Measurement, range: FrameRange): Measurement {
  const there = measurement.frames.length;
  const { from, end } = { from: range.from ?? 0, end: range.end ?? there };
  if (there === 0) {
    throw exportError('FLIMD_E_EXPORT_CONTENT', `${measurement.about.file} holds no frames`, {
      value: '0 frames',
      expected: 'at least one',
    });
  }
  if (from >= end || end > there) {
    throw exportError(
      'FLIMD_E_EXPORT_CONTENT',
      'the recording does not hold the frames that were asked for',
      {
        value: `${from}:${end}`,
        expected: `A:B with 0 ≤ A < B ≤ ${there}`,
        action: 'choose others; they are counted from 0 in the order of the file',
      },
    );
  }
  return {
    about: measurement.about,
    maps: measurement.maps,
    histogramBits: measurement.histogramBits,
    frames: measurement.frames.slice(from, end),
    map: (name, frame) => measurement.map(name, from + frame),
    histograms: (frame) => measurement.histograms(from + frame),
  };
}
