import type { Dataset, File, Group } from 'h5wasm/node';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { FlimdError } from '../protocol/errors.js';
import type { CameraDescription, LifetimeMode, LifetimeSourceName, StreamPlane } from '../protocol/stream.js';
import { type Hdf5Library, loadHdf5, readError } from './hdf5/hdf5-library.js';
import { bytesCutOff } from './hdf5/superblock.js';
import { recordingError } from './recording-error.js';
import {
  type Column,
  columnName,
  columns,
  decodeEnd,
  END,
  HISTOGRAMS,
  mapDescriptions,
  mapName,
  PARTIAL_SUFFIX,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordingEnd,
  type RecordingHeader,
  ROWS_VALID,
} from './recording-layout.js';

/** Where the frames of a recording came from, one value a frame; see docs/recording.md. */
export interface RecordedColumns extends Record<Column, Float64Array> {
  /** One byte a row of pixels, `[frame][y]`. */
  rowsValid: Uint8Array;
}

/**
 * Reads a recording that flimd wrote: complete, still being written, or left behind by a writer that died.
 * All its calls but `open` block.
 */
export class RecordingReader {
  private constructor(
    private readonly file: File,
    readonly path: string,
    readonly header: RecordingHeader,
    /** Whole frames. The maps of a file that is not finished may be longer. */
    readonly frames: number,
    readonly end: RecordingEnd,
  ) {}

  /** @throws FlimdError FLIMD_E_RECORDING */
  static async open(file: string): Promise<RecordingReader> {
    await checkWhole(file);
    const library = await loadHdf5();
    const opened = openFile(library, path.resolve(file));
    try {
      const header = readHeader(opened, file);
      const end = decodeEnd(String((opened.get(END) as Dataset).value));
      return new RecordingReader(opened, file, header, wholeFrames(opened, header), end);
    } catch (error) {
      opened.close();
      throw readError(file, error);
    }
  }

  columns(): RecordedColumns {
    const read = (name: string) => this.#rows(columnName(name), 0, this.frames);
    const numbers = (Object.keys(columns) as Column[]).map((column) => [
      column,
      Float64Array.from(read(column) as Uint32Array, Number),
    ]);
    return { ...Object.fromEntries(numbers), rowsValid: read(ROWS_VALID) } as RecordedColumns;
  }

  /** `[y][x]` of one frame. */
  map(plane: StreamPlane, frame: number): Uint16Array | Uint32Array {
    if (!this.header.planes.includes(plane))
      throw this.#none(`plane ${plane}`, this.header.planes.join(', '));
    return this.#frame(mapName(plane), frame) as Uint16Array | Uint32Array;
  }

  /** `[y][x][bin]` of one frame. */
  histograms(frame: number): Uint16Array {
    if (!this.header.histograms) throw this.#none('histograms', 'maps alone');
    return this.#frame(HISTOGRAMS, frame) as Uint16Array;
  }

  close(): void {
    this.file.close();
  }

  #frame(name: string, frame: number) {
    if (frame >= 0 && frame < this.frames) return this.#rows(name, frame, frame + 1);
    throw this.#none(`frame ${frame}`, `0 to ${this.frames - 1}`);
  }

  #rows(name: string, from: number, end: number): Uint8Array | Uint16Array | Uint32Array {
    try {
      const dataset = this.file.get(name) as Dataset;
      // The library takes an empty slice for the whole.
      if (from === end) return (dataset.value as Uint8Array).slice(0, 0);
      return dataset.slice([[from, end]]) as Uint8Array;
    } catch (error) {
      throw readError(this.path, error);
    }
  }

  #none(what: string, expected: string): FlimdError {
    return recordingError(`${this.path} has no ${what}`, { value: what, expected });
  }
}

const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Whether the file is an HDF5 file, by its first bytes; a file that cannot be read is none. */
export async function isHdf5(name: string): Promise<boolean> {
  const file = await open(name).catch(() => null);
  if (!file) return false;
  const { buffer } = await file.read(Buffer.alloc(HDF5_SIGNATURE.length)).finally(() => file.close());
  return buffer.equals(HDF5_SIGNATURE);
}

/**
 * A recording that came to its end and is shorter than it says was cut off later, as in a copy. The library would look
 * for the rest for minutes, and read zeros in place of what it does not find. A partial one may be short: its disk was
 * full, and its frames are there all the same.
 */
async function checkWhole(file: string): Promise<void> {
  if (file.endsWith(PARTIAL_SUFFIX)) return;
  const missing = await bytesCutOff(file).catch((error: unknown) => {
    throw readError(file, error);
  });
  if (missing === 0) return;
  throw recordingError(`${file} cannot be read: it is cut short`, {
    value: `${missing} bytes missing`,
    expected: 'the whole file',
    action: 'copy the file again from where it was recorded',
  });
}

/**
 * A file that was not closed is marked as being written, or shorter than it says where the disk was full, and opens
 * for readers that expect such.
 */
function openFile({ hdf5 }: Hdf5Library, file: string): File {
  try {
    return new hdf5.File(file, 'r');
  } catch (error) {
    if (!/already open for write|truncated file/.test(String((error as Error).message)))
      throw readError(file, error);
  }
  try {
    return new hdf5.File(file, 'Sr');
  } catch (error) {
    throw readError(file, error);
  }
}

/**
 * `number` has a row for every whole frame, and is written last; but a machine that lost its power may have kept
 * what came last and not what came before.
 */
function wholeFrames(file: File, { planes, histograms }: RecordingHeader): number {
  const names = [...Object.keys(columns), ROWS_VALID].map(columnName).concat(planes.map(mapName));
  if (histograms) names.push(HISTOGRAMS);
  return Math.min(...names.map((name) => (file.get(name) as Dataset).shape![0]!));
}

function readHeader(file: File, name: string): RecordingHeader {
  const { attrs } = file;
  const text = (attribute: string): string => String(attrs[attribute]?.value ?? '');
  const number = (attribute: string): number => Number(attrs[attribute]?.value);
  const version = number('formatVersion');
  if (text('format') !== RECORDING_FORMAT || version !== RECORDING_VERSION) {
    throw recordingError(`${name} is not a recording that this flimd can read`, {
      value: `format "${text('format')}", version ${version}`,
      expected: `${RECORDING_FORMAT}, version ${RECORDING_VERSION}`,
    });
  }
  const maps = (file.get('maps') as Group).keys();
  return {
    software: text('software'),
    uid: text('uid'),
    series: number('series'),
    seriesStartedAt: number('seriesStartedAt'),
    recordingStartedAt: number('recordingStartedAt'),
    notes: text('notes'),
    mode: text('lifetimeMode') as LifetimeMode,
    source: text('lifetimeSource') as LifetimeSourceName,
    camera: JSON.parse(text('camera')) as CameraDescription,
    model: JSON.parse(text('model')) as RecordingHeader['model'],
    modelHash: text('modelHash') || null,
    configuration: JSON.parse(text('configuration')),
    planes: (Object.keys(mapDescriptions) as StreamPlane[]).filter((plane) => maps.includes(plane)),
    histograms: file.keys().includes(HISTOGRAMS),
  };
}
