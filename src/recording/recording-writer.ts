import { type StreamPlane, streamPlanes } from '../protocol/stream.js';
import { type FrameBufferLayout, frameBufferLayout } from './frame-buffer.js';
import type { Hdf5Library } from './hdf5/hdf5-library.js';
import { bytesPerValue, type Hdf5Number, Hdf5Writer } from './hdf5/hdf5-writer.js';
import {
  AXES,
  type Column,
  columnName,
  columns,
  encodeEnd,
  END,
  END_BYTES,
  HISTOGRAMS,
  mapDescriptions,
  mapName,
  NOT_COMPARED,
  ORIGIN,
  type RecordableFrame,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordingEnd,
  type RecordingHeader,
  ROWS_VALID,
  sourceCodes,
} from './recording-layout.js';

/** Where a frame came from; its planes travel in a buffer. */
export type FrameProvenance = Pick<
  RecordableFrame,
  'frame' | 'startTicks' | 'endTicks' | 'completedAt' | 'complete' | 'source' | 'mismatchedPixels'
>;

/** Chunks of the columns: short ones are rewritten with every flush. */
const COLUMN_CHUNK_ROWS = 1024;
const ROWS_VALID_CHUNK_BYTES = 64 * 1024;
/** Beyond this the library's cache, 1 MiB, does not hold a chunk, and a reader gets more than it asks for. */
const HISTOGRAM_CHUNK_BYTES = 1024 * 1024;

/**
 * Writes one recording. Maps go to the file frame by frame, the columns with every flush: a frame counts as recorded
 * when its row of the columns is written.
 */
export class RecordingWriter {
  readonly #file: Hdf5Writer;
  readonly #layout: FrameBufferLayout;
  #pending: { provenance: FrameProvenance; rowsValid: Uint8Array }[] = [];
  #height: number;

  /** @throws FlimdError FLIMD_E_RECORDING_DISK_FULL, FLIMD_E_RECORDING_WRITE */
  constructor(library: Hdf5Library, path: string, header: RecordingHeader, compression: number) {
    this.#file = Hdf5Writer.create(library, path);
    this.#layout = frameBufferLayout(header);
    this.#height = header.camera.height;
    this.#describe(header);
    this.#createDatasets(header, compression);
    this.#file.goLive();
  }

  /** Frames in the file. */
  get framesRecorded(): number {
    return this.#file.rowsOf(columnName('number'));
  }

  /** @param buffer a frame laid out as `frameBufferLayout` says */
  append(provenance: FrameProvenance, buffer: Uint8Array): void {
    const part = ({ at, bytes }: { at: number; bytes: number }) => buffer.subarray(at, at + bytes);
    for (const plane of this.#layout.planes) this.#file.append(mapName(plane.name), 1, part(plane));
    if (this.#layout.histograms) this.#file.append(HISTOGRAMS, 1, part(this.#layout.histograms));
    this.#pending.push({ provenance, rowsValid: part(this.#layout.rowsValid).slice() });
  }

  /**
   * What was appended can then be read, whatever happens to this process.
   * @param end is asked when it is known how many frames are in the file
   */
  flush(end: () => RecordingEnd): void {
    this.#writeColumns();
    this.#file.replaceText(END, encodeEnd(end()));
    this.#file.flush();
  }

  finish(end: RecordingEnd): void {
    this.flush(() => end);
    this.#file.close();
  }

  /**
   * Saves what can be saved after a write failed. Each step may fail as well; the last flush can be read whatever
   * does.
   *
   * @param end is asked when it is known how many frames are in the file
   */
  rescue(end: () => RecordingEnd): void {
    attempt(() => this.#cut(this.#columnNames));
    attempt(() => this.#writeColumns());
    attempt(() => this.#cut([...this.#columnNames, ...this.#imageNames]));
    attempt(() => this.#file.replaceText(END, encodeEnd(end())));
    attempt(() => this.#file.flush());
    attempt(() => this.#file.close());
  }

  get #columnNames(): string[] {
    return [...Object.keys(columns), ROWS_VALID].map(columnName);
  }

  get #imageNames(): string[] {
    const maps = this.#layout.planes.map(({ name }) => mapName(name));
    return this.#layout.histograms ? [...maps, HISTOGRAMS] : maps;
  }

  /** Takes off what belongs to frames that are not recorded. */
  #cut(names: readonly string[]): void {
    for (const name of names) this.#file.cut(name, this.framesRecorded);
  }

  #writeColumns(): void {
    const frames = this.#pending;
    if (frames.length === 0) return;
    const rowsValid = new Uint8Array(frames.length * this.#height);
    frames.forEach((frame, index) => rowsValid.set(frame.rowsValid, index * this.#height));
    this.#file.append(columnName(ROWS_VALID), frames.length, rowsValid);
    const write = (column: Column): void => {
      const values = frames.map(({ provenance }) => columnValue[column](provenance));
      this.#file.append(columnName(column), frames.length, packed(column, values));
    };
    for (const column of Object.keys(columns) as Column[]) if (column !== 'number') write(column);
    // `number` says how many frames there are. Within a flush the library keeps no order between datasets, so that
    // everything else has to be in the file before.
    this.#file.flush();
    write('number');
    this.#pending = [];
  }

  #describe(header: RecordingHeader): void {
    const { camera } = header;
    this.#file.attributes('/', {
      format: RECORDING_FORMAT,
      formatVersion: int(RECORDING_VERSION),
      software: header.software,
      uid: header.uid,
      series: { type: '<I', value: header.series },
      seriesStartedAt: real(header.seriesStartedAt),
      recordingStartedAt: real(header.recordingStartedAt),
      startedAt: new Date(header.recordingStartedAt).toISOString(),
      notes: header.notes,
      width: int(camera.width),
      height: int(camera.height),
      bins: int(camera.bins),
      axes: AXES,
      origin: ORIGIN,
      binWidthPs: real(camera.binWidthPs),
      laserPeriodPs: real(camera.laserPeriodPs),
      tickHz: real(camera.tickHz),
      lifetimeMode: header.mode,
      lifetimeSource: header.source,
      bitstreamId: camera.bitstreamId,
      modelHash: header.modelHash ?? '',
      camera: JSON.stringify(camera),
      model: JSON.stringify(header.model),
      configuration: JSON.stringify(header.configuration),
    });
  }

  #createDatasets(header: RecordingHeader, compression: number): void {
    const { width, height, bins, binWidthPs } = header.camera;
    this.#createColumns(height, compression);
    this.#file.group('maps');
    for (const { name, type } of this.#layout.planes) {
      this.#file.growing(mapName(name), {
        type,
        rowShape: [height, width],
        chunkShape: [1, height, width],
        compression,
        labels: ['frame', 'y', 'x'],
      });
      this.#file.attributes(mapName(name), mapAttributes(name));
    }
    if (this.#layout.histograms) {
      const rows = chunkRows(height, width * bins * 2);
      this.#file.growing(HISTOGRAMS, {
        type: '<H',
        rowShape: [height, width, bins],
        chunkShape: [1, rows, width, bins],
        compression,
        labels: ['frame', 'y', 'x', 'bin'],
      });
      const description = 'photons per detector bin';
      const axes = 'frame,y,x,bin';
      this.#file.attributes(HISTOGRAMS, { unit: 'photons', axes, description, binWidthPs: real(binWidthPs) });
    }
    this.#file.text(END, END_BYTES);
  }

  #createColumns(height: number, compression: number): void {
    this.#file.group('frames');
    const frame = { compression, labels: ['frame'] };
    for (const column of Object.keys(columns) as Column[]) {
      const shape = { type: columns[column], rowShape: [], chunkShape: [COLUMN_CHUNK_ROWS] };
      this.#file.growing(columnName(column), { ...shape, ...frame });
    }
    const frames = Math.max(1, Math.min(COLUMN_CHUNK_ROWS, Math.floor(ROWS_VALID_CHUNK_BYTES / height)));
    this.#file.growing(columnName(ROWS_VALID), {
      type: '<B',
      rowShape: [height],
      chunkShape: [frames, height],
      compression,
      labels: ['frame', 'y'],
    });
    const meaning = (text: string) => ({ description: text });
    this.#file.attributes(columnName('source'), meaning('0: the device computed the lifetimes, 1: the host'));
    this.#file.attributes(columnName('mismatchedPixels'), meaning('-1: not compared'));
    this.#file.attributes(columnName('unixTimeMs'), { unit: 'ms' });
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The first failure is the one that is told; this is the attempt to make the best of it.
  }
}

const int = (value: number): Hdf5Number => ({ type: '<i', value });
const real = (value: number): Hdf5Number => ({ type: '<d', value });

function mapAttributes(name: StreamPlane): Record<string, string | Hdf5Number> {
  const { unit } = streamPlanes.find((plane) => plane.name === name)!;
  const described = { unit, axes: 'frame,y,x', description: mapDescriptions[name] };
  return name === 'photons' ? described : { ...described, invalid: int(0) };
}

/** The most rows of pixels, a divisor of all rows, whose histograms make no chunk beyond the limit. */
function chunkRows(height: number, bytesOfRow: number): number {
  for (let parts = 1; parts < height; parts++) {
    if (height % parts === 0 && (height / parts) * bytesOfRow <= HISTOGRAM_CHUNK_BYTES) return height / parts;
  }
  return 1;
}

const columnValue: Record<Column, (frame: FrameProvenance) => number> = {
  number: ({ frame }) => frame,
  startTicks: ({ startTicks }) => startTicks,
  endTicks: ({ endTicks }) => endTicks,
  unixTimeMs: ({ completedAt }) => completedAt,
  complete: ({ complete }) => (complete ? 1 : 0),
  source: ({ source }) => sourceCodes[source],
  mismatchedPixels: ({ mismatchedPixels }) => mismatchedPixels ?? NOT_COMPARED,
};

function packed(column: Column, values: readonly number[]): Uint8Array {
  const type = columns[column];
  const bytes = new DataView(new ArrayBuffer(values.length * bytesPerValue(type)));
  values.forEach((value, index) => {
    if (type === '<Q') bytes.setBigUint64(index * 8, BigInt(value), true);
    else if (type === '<d') bytes.setFloat64(index * 8, value, true);
    else if (type === '<i') bytes.setInt32(index * 4, value, true);
    else if (type === '<I') bytes.setUint32(index * 4, value, true);
    else bytes.setUint8(index, value);
  });
  return new Uint8Array(bytes.buffer);
}
