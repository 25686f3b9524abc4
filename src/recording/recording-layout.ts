import type { ErrorBody } from '../protocol/errors.js';
import type {
  CameraDescription,
  ConservationCheck,
  EndMessage,
  FrameMessage,
  LifetimeMode,
  LifetimeSourceName,
  ModelDescription,
  RecorderCounts,
  RunCounters,
  StreamPlane,
} from '../protocol/stream.js';
import type { NumberType } from './hdf5/hdf5-writer.js';

/** What docs/recording.md says, as data: the writer, the reader and the tests go by it. */
export const RECORDING_FORMAT = 'flimd-recording';
export const RECORDING_VERSION = 1;
export const RECORDING_SUFFIX = '.h5';
/** Behind the name of a file that is not finished. */
export const PARTIAL_SUFFIX = '.partial';

export const HISTOGRAMS = 'histograms';
export const END = 'end';
/** Room for the JSON of `/end`. */
export const END_BYTES = 16 * 1024;
/** The datasets of `/maps` are named as the planes of the stream. */
export const mapName = (plane: string): string => `maps/${plane}`;
export const columnName = (column: string): string => `frames/${column}`;

/** Columns with one number a frame, in the order in which they are written; `rowsValid` is beside them. */
export const columns = {
  number: '<I',
  startTicks: '<Q',
  endTicks: '<Q',
  unixTimeMs: '<d',
  complete: '<B',
  source: '<B',
  mismatchedPixels: '<i',
} as const satisfies Record<string, NumberType>;
export type Column = keyof typeof columns;
export const ROWS_VALID = 'rowsValid';

/** Codes of `/frames/source`. */
export const sourceCodes: Record<LifetimeSourceName, number> = { device: 0, host: 1 };
export const NOT_COMPARED = -1;

export const mapDescriptions: Record<StreamPlane, string> = {
  meanLifetimeAmplitude: 'amplitude-weighted mean lifetime, sum(a_i tau_i) / sum(a_i)',
  meanLifetimeIntensity: 'intensity-weighted mean lifetime, sum(a_i tau_i^2) / sum(a_i tau_i)',
  standardErrorAmplitude: 'standard error of meanLifetimeAmplitude, one standard deviation',
  standardErrorIntensity: 'standard error of meanLifetimeIntensity, one standard deviation',
  photons: 'photons of the pixel in the gates of the network',
};

export const AXES = 'frame,y,x; histograms: frame,y,x,bin';
export const ORIGIN =
  'pixel (0, 0) is the first of the first row that the camera sends, drawn in the upper left corner; y counts downwards';

/** What was measured, with what: known when a recording begins. */
export interface RecordingHeader {
  software: string;
  uid: string;
  series: number;
  /** Unix times, ms. */
  seriesStartedAt: number;
  recordingStartedAt: number;
  notes: string;
  mode: LifetimeMode;
  source: LifetimeSourceName;
  camera: CameraDescription;
  model: ModelDescription | null;
  /** Of the network that computed the lifetimes; null where it is not known. */
  modelHash: string | null;
  configuration: unknown;
  planes: readonly StreamPlane[];
  histograms: boolean;
}

/** A frame as the recorder takes it: a message of the stream, and its histograms where they are recorded. */
export interface RecordableFrame extends Pick<
  FrameMessage,
  | 'frame'
  | 'startTicks'
  | 'endTicks'
  | 'completedAt'
  | 'complete'
  | 'source'
  | 'mismatchedPixels'
  | 'rowsValid'
  | 'planes'
> {
  /** u16 `[y][x][bin]`, little-endian; null where the frame has none. */
  histograms: Uint8Array | null;
}

export type RecordingEndReason = EndMessage['reason'] | 'recordingStopped' | 'frameLimit' | 'recordingFailed';

/** `/end` of a recording. */
export interface RecordingEnd {
  /** False while the recording is being written, and for ever where its writer died. */
  finished: boolean;
  /** Unix time, ms. */
  endedAt: number | null;
  reason: RecordingEndReason | null;
  cause: string | null;
  error: ErrorBody | null;
  recorder: RecorderCounts;
  /** Of the series; null where the recording ended before it. */
  counters: RunCounters | null;
  conservation: ConservationCheck[];
}

/** `/end` of a recording that goes on, or whose writer will never come to its end. */
export const unfinishedEnd = (recorder: RecorderCounts): RecordingEnd => ({
  finished: false,
  endedAt: null,
  reason: null,
  cause: null,
  error: null,
  recorder,
  counters: null,
  conservation: [],
});

const LONGEST_TEXT = 400;

/** `/end` as ASCII that fits its place: long texts are cut, and the value of an error is left out where it must be. */
export function encodeEnd(end: RecordingEnd): Uint8Array {
  const whole = asciiJson(end);
  const { value: _, ...error } = end.error ?? {};
  const text = whole.length <= END_BYTES ? whole : asciiJson({ ...end, error });
  const bytes = new Uint8Array(END_BYTES);
  bytes.set(new TextEncoder().encode(text).subarray(0, END_BYTES));
  return bytes;
}

export function decodeEnd(text: string): RecordingEnd {
  return JSON.parse(text.replace(/\0.*$/s, '')) as RecordingEnd;
}

function asciiJson(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.slice(0, LONGEST_TEXT) : part,
  );
  const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[^\x20-\x7e]/g, escaped);
}
