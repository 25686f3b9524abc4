import { version } from '../version.js';
import {
  AXES_IN_WORDS,
  INVALID_IN_WORDS,
  type Measurement,
  type Progress,
  startsSinceFirst,
} from './measurement.js';

/** Little-endian as NumPy writes them. */
export type Dtype = '|u1' | '<u2' | '<u4' | '<f8';
type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** An array of an export, in C order. */
export interface ExportedArray {
  name: string;
  dtype: Dtype;
  shape: number[];
  axes: string;
  unit: string | null;
  description: string;
  /** The value that means "none"; null where every value is one. */
  invalid: number | null;
  /** The values in their order, in pieces that are made as they are asked for. */
  pieces(progress: Progress): Iterable<Values> | AsyncIterable<Values>;
}

const bytesOf: Record<Dtype, number> = { '|u1': 1, '<u2': 2, '<u4': 4, '<f8': 8 };

export const bytesOfArray = ({ dtype, shape }: ExportedArray): number =>
  shape.reduce((product, size) => product * size, bytesOf[dtype]);

/** Everything a measurement holds, as arrays; which they are and of what shape is known before anything is read. */
export function arraysOf(measurement: Measurement, histograms: boolean): ExportedArray[] {
  return [
    ...mapArrays(measurement),
    ...(histograms ? [histogramArray(measurement)] : []),
    ...frameArrays(measurement),
  ];
}

function mapArrays(measurement: Measurement): ExportedArray[] {
  const { about, frames, maps } = measurement;
  return maps.map(({ name, unit, description }) => ({
    ...{ name, unit, description, axes: 'frame,y,x' },
    dtype: unit === 'ps' ? '<u2' : '<u4',
    shape: [frames.length, about.height, about.width],
    invalid: unit === 'ps' ? 0 : null,
    async *pieces(progress) {
      for (const frame of frames.keys()) {
        await progress(`writing ${name}`, frame, frames.length);
        yield measurement.map(name, frame);
      }
    },
  }));
}

function histogramArray(measurement: Measurement): ExportedArray {
  const { about, frames } = measurement;
  return {
    name: 'histograms',
    dtype: measurement.histogramBits === 32 ? '<u4' : '<u2',
    shape: [frames.length, about.height, about.width, about.bins],
    axes: 'frame,y,x,bin',
    unit: 'photons',
    description: `photons per detector bin of ${about.binWidthPs} ps`,
    invalid: null,
    async *pieces(progress) {
      for (const frame of frames.keys()) {
        await progress('writing histograms', frame, frames.length);
        yield measurement.histograms(frame);
      }
    },
  };
}

function frameArrays({ about, frames }: Measurement): ExportedArray[] {
  const column = (name: string, unit: string | null, description: string, values: Values): ExportedArray => ({
    ...{ name, unit, description, axes: 'frame', shape: [frames.length], invalid: null },
    dtype: values instanceof Uint8Array ? '|u1' : values instanceof Float64Array ? '<f8' : '<u4',
    pieces: () => [values],
  });
  const starts = startsSinceFirst(frames);
  const times = frames.map(({ unixTimeMs }) => unixTimeMs ?? NaN);
  return [
    column(
      ...(['frameNumber', null, 'number of the frame in its series'] as const),
      Uint32Array.from(frames, ({ number }) => number),
    ),
    column(
      'frameStart',
      's',
      'start of the exposure after that of the earliest frame',
      Float64Array.from(starts),
    ),
    column(
      ...(['frameExposure', 's', 'length of the exposure'] as const),
      Float64Array.from(frames, ({ exposureS }) => exposureS),
    ),
    column('frameUnixTime', 'ms', 'when the frame was complete; NaN: not known', Float64Array.from(times)),
    column(
      ...(['frameComplete', null, '1: every row is there'] as const),
      Uint8Array.from(frames, ({ complete }) => (complete ? 1 : 0)),
    ),
    {
      ...{ name: 'rowsValid', dtype: '|u1', unit: null, axes: 'frame,y', invalid: null },
      description: '1: the row of pixels is there',
      shape: [frames.length, about.height],
      *pieces() {
        for (const { rowsValid } of frames) yield rowsValid;
      },
    },
  ];
}

/** What stands beside the arrays, for people and programs. */
export function describeArrays(
  { about }: Measurement,
  arrays: readonly (ExportedArray & { file: string })[],
  warnings: readonly string[],
): string {
  const { file, notes, ...shape } = about;
  const description = {
    format: 'flimd-arrays',
    formatVersion: 1,
    software: `flimd ${version}`,
    source: file,
    ...shape,
    axes: AXES_IN_WORDS,
    invalid: INVALID_IN_WORDS,
    warnings,
    notes,
    arrays: Object.fromEntries(arrays.map(({ name, pieces: _, ...array }) => [name, array])),
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

const HEADER_STEP_BYTES = 64;

/** Head of NumPy's format 1.0, padded so that the values begin at a multiple of 64 bytes. */
export function npyHeader({ dtype, shape }: Pick<ExportedArray, 'dtype' | 'shape'>): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const preamble = 10;
  const bytes = Math.ceil((preamble + dictionary.length + 1) / HEADER_STEP_BYTES) * HEADER_STEP_BYTES;
  const header = Buffer.alloc(bytes, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(bytes - preamble, 8);
  header.write(dictionary, preamble, 'latin1');
  header.write('\n', bytes - 1);
  return header;
}
