import type { StreamPlane } from '../protocol/stream.js';

/** Images as they are exported: `[y][x]`, lifetimes and their errors in ps with 0 for "no valid estimate". */
export type MapValues = Uint16Array | Uint32Array;

export interface MapDescription {
  name: StreamPlane;
  /** In words, with the unit: programs that show images have no other place for it. */
  label: string;
  unit: 'ps' | 'photons';
  description: string;
}

export interface ExportedFrame {
  /** In its series; of a sum, that of its first frame. */
  number: number;
  /** By the clock of the camera; only differences mean something. */
  startS: number;
  exposureS: number;
  /** When the frame was complete; null where no clock was kept. */
  unixTimeMs: number | null;
  complete: boolean;
  /** One byte a row of pixels, 1 = valid. */
  rowsValid: Uint8Array;
}

export interface MeasurementAbout {
  /** Of the file it is from, without its folder. */
  file: string;
  width: number;
  height: number;
  bins: number;
  binWidthPs: number;
  /** null where the file does not hold it. */
  laserPeriodPs: number | null;
  /** What else a reader may want to know, in words. */
  notes: Record<string, string>;
}

/** What is exported: frames of maps, perhaps with histograms. Reading blocks, one frame at a time. */
export interface Measurement {
  readonly about: MeasurementAbout;
  readonly maps: readonly MapDescription[];
  /** Width of a count; null where there are no histograms. */
  readonly histogramBits: 16 | 32 | null;
  readonly frames: readonly ExportedFrame[];
  map(name: StreamPlane, frame: number): MapValues;
  /** `[y][x][bin]` photons. */
  histograms(frame: number): Uint16Array | Uint32Array;
}

export interface OpenMeasurement extends Measurement {
  /** What a user must know of the file, in words. */
  warnings: string[];
  close(): void;
}

/**
 * Told before every step, which it may stop by throwing. It gives other work of the process its turn.
 * @param stage what is being done, in words
 */
export type Progress = (stage: string, done: number, total: number) => Promise<void>;

const labels: Record<StreamPlane, string> = {
  meanLifetimeAmplitude: 'Mean lifetime, amplitude-weighted (ps)',
  meanLifetimeIntensity: 'Mean lifetime, intensity-weighted (ps)',
  standardErrorAmplitude: 'Standard error of the amplitude-weighted mean lifetime (ps)',
  standardErrorIntensity: 'Standard error of the intensity-weighted mean lifetime (ps)',
  photons: 'Photons',
};

export const describeMap = (name: StreamPlane, description: string): MapDescription => ({
  name,
  label: labels[name],
  unit: name === 'photons' ? 'photons' : 'ps',
  description,
});

export const AXES_IN_WORDS =
  'pixel (0, 0) is the upper left corner, the first pixel of the first row that the camera sent; x counts to the ' +
  'right, y downwards; bin b holds the photons from b to b + 1 bin widths after the start of the detector window';

export const INVALID_IN_WORDS =
  'a lifetime or standard error of 0 is "no valid estimate": leave zeros out of every mean';

const MS_PER_S = 1000;

/** When the exposure of the earliest frame began, as well as the daemon knew; null where it did not. */
export function startedAt(frames: readonly ExportedFrame[]): Date | null {
  const { unixTimeMs, exposureS } = earliest(frames);
  return unixTimeMs === null ? null : new Date(unixTimeMs - exposureS * MS_PER_S);
}

/** Start of each frame after that of the earliest, s. */
export function startsSinceFirst(frames: readonly ExportedFrame[]): number[] {
  const first = earliest(frames).startS;
  return frames.map(({ startS }) => Number((startS - first).toFixed(9)));
}

const earliest = (frames: readonly ExportedFrame[]): ExportedFrame =>
  frames.reduce((found, frame) => (frame.startS < found.startS ? frame : found));
