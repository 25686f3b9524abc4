import type { ConservationCheck, RecorderCounts, RunCounters } from '../protocol/stream.js';
import type { ErrorBody } from '../protocol/errors.js';
import { type FrameSums, type LifetimePlane, lifetimePlanes, sumFrames } from './frame-sums.js';
import { AXES, ORIGIN, PARTIAL_SUFFIX, type RecordingEndReason } from './recording-layout.js';
import type { RecordedColumns, RecordingReader } from './recording-reader.js';
import type { SdtRecording } from './sdt.js';

interface Geometry {
  width: number;
  height: number;
  bins: number;
  binWidthPs: number;
  /** `bins × binWidthPs`; not the laser period. */
  windowPs: number;
  /** null where the file does not hold it. */
  laserPeriodPs: number | null;
  axes: string;
  origin: string;
}

/** Of the valid pixels of all frames. */
export interface LifetimeSummary {
  unit: 'ps';
  validPixels: number;
  /** Of the pixels whose row arrived. */
  validShare: number;
  lowerQuartile: number | null;
  median: number | null;
  upperQuartile: number | null;
}

/** What `flimd inspect` tells of a recording that flimd wrote. */
export interface RecordingInspection {
  kind: 'flimd';
  file: string;
  /** Finished in order; otherwise it is being written, its writer died, or the disk failed. */
  complete: boolean;
  geometry: Geometry;
  provenance: Record<string, string | number | null>;
  frames: {
    recorded: number;
    partial: number;
    first: number | null;
    last: number | null;
    durationS: number | null;
  };
  histograms: boolean;
  lifetimes: Record<LifetimePlane, LifetimeSummary>;
  photons: { total: number; meanPerPixelAndFrame: number | null };
  end: { reason: RecordingEndReason | null; cause: string | null; error: ErrorBody | null };
  recorder: RecorderCounts;
  counters: RunCounters | null;
  conservation: ConservationCheck[];
  /** null while there is no end to judge. */
  lawsHold: boolean | null;
}

/** What it tells of a Becker & Hickl image. */
export interface SdtInspection {
  kind: 'sdt';
  file: string;
  geometry: Geometry;
  provenance: Record<string, string | number | null>;
  usableBins: [number, number];
  photons: { total: number; meanPerPixelAndFrame: number };
  /** A file of decays: lifetimes come of replaying it. */
  lifetimes: null;
}

/** @param plane whose lifetimes the mean frame shows */
export function inspectRecording(
  recording: RecordingReader,
  plane: LifetimePlane,
): { inspection: RecordingInspection; sums: FrameSums } {
  const { header, end, path, frames } = recording;
  const columns = recording.columns();
  const sums = sumFrames(recording, columns, plane);
  const conservation = [...end.conservation, rowsLaw(frames, end.recorder)];
  const inspection: RecordingInspection = {
    kind: 'flimd',
    file: path,
    complete: end.finished && end.error === null && !path.endsWith(PARTIAL_SUFFIX),
    geometry: geometryOf(header.camera, header.camera.laserPeriodPs),
    provenance: provenanceOf(recording),
    frames: framesOf(columns, frames, header.camera.tickHz),
    histograms: header.histograms,
    lifetimes: Object.fromEntries(
      lifetimePlanes.map((name) => [name, lifetimeSummary(sums, name)]),
    ) as RecordingInspection['lifetimes'],
    photons: {
      total: sums.totalPhotons,
      meanPerPixelAndFrame: sums.pixels > 0 ? sums.totalPhotons / sums.pixels : null,
    },
    end: { reason: end.reason, cause: end.cause, error: end.error },
    recorder: end.recorder,
    counters: end.counters,
    conservation,
    lawsHold: end.finished ? conservation.every(({ holds }) => holds) : null,
  };
  return { inspection, sums };
}

export function inspectSdt(sdt: SdtRecording, file: string): SdtInspection {
  const { instrument, title, recordedAt, collectionTimeS, syncRateHz, countIncrement, channels } = sdt;
  const total = sdt.counts.reduce((sum, count) => sum + count, 0);
  return {
    kind: 'sdt',
    file,
    geometry: { ...geometryOf(sdt, null), axes: 'y,x,bin', windowPs: sdt.windowPs },
    provenance: { instrument, title, recordedAt, collectionTimeS, syncRateHz, countIncrement, channels },
    usableBins: [sdt.firstUsableBin, sdt.endUsableBin],
    photons: { total, meanPerPixelAndFrame: total / (sdt.width * sdt.height) },
    lifetimes: null,
  };
}

function geometryOf(
  { width, height, bins, binWidthPs }: Pick<SdtRecording, 'width' | 'height' | 'bins' | 'binWidthPs'>,
  laserPeriodPs: number | null,
): Geometry {
  const windowPs = bins * binWidthPs;
  return { width, height, bins, binWidthPs, windowPs, laserPeriodPs, axes: AXES, origin: ORIGIN };
}

function provenanceOf({ header }: RecordingReader): RecordingInspection['provenance'] {
  const { software, uid, series, notes, mode, source, camera, model, modelHash } = header;
  return {
    software,
    uid,
    series,
    startedAt: new Date(header.recordingStartedAt).toISOString(),
    notes,
    camera: camera.uri,
    cameraKind: camera.kind,
    serial: camera.serial,
    firmware: camera.firmware,
    bitstreamId: camera.bitstreamId,
    lifetimeMode: mode,
    lifetimeSource: source,
    model: model?.name ?? null,
    modelHash,
  };
}

function framesOf(columns: RecordedColumns, frames: number, tickHz: number): RecordingInspection['frames'] {
  const { number, complete, startTicks, endTicks } = columns;
  const partial = complete.filter((each) => each === 0).length;
  if (frames === 0) return { recorded: 0, partial, first: null, last: null, durationS: null };
  return {
    recorded: frames,
    partial,
    first: least(number),
    last: most(number),
    durationS: (most(endTicks) - least(startTicks)) / tickHz,
  };
}

const least = (values: Float64Array): number => values.reduce((a, b) => Math.min(a, b));
const most = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b));

function lifetimeSummary({ lifetimes, pixels }: FrameSums, plane: LifetimePlane): LifetimeSummary {
  const counts = lifetimes[plane];
  return {
    unit: 'ps',
    validPixels: counts.total,
    validShare: pixels > 0 ? counts.total / pixels : 0,
    lowerQuartile: counts.quantile(0.25),
    median: counts.quantile(0.5),
    upperQuartile: counts.quantile(0.75),
  };
}

/** The file has as many frames as its writer says. */
function rowsLaw(frames: number, { framesRecorded }: RecorderCounts): ConservationCheck {
  const law = 'frames in the file = framesRecorded';
  return { law, left: frames, right: framesRecorded, holds: frames === framesRecorded };
}
