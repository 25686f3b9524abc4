import path from 'node:path';
import type { RecordingEnd, RecordingHeader } from '../recording/recording-layout.js';
import { mapDescriptions } from '../recording/recording-layout.js';
import { type RecordedColumns, RecordingReader } from '../recording/recording-reader.js';
import {
  describeMap,
  type ExportedFrame,
  type MeasurementAbout,
  type OpenMeasurement,
} from './measurement.js';

/**
 * A recording of flimd, finished or not.
 * @throws FlimdError FLIMD_E_RECORDING
 */
export async function openRecorded(file: string): Promise<OpenMeasurement> {
  const reader = await RecordingReader.open(file);
  try {
    const { header, end } = reader;
    const frames = framesOf(header, reader.columns());
    return {
      about: aboutOf(file, header, end),
      maps: header.planes.map((plane) => describeMap(plane, mapDescriptions[plane])),
      histogramBits: header.histograms ? 16 : null,
      frames,
      warnings: warningsOf(end, frames),
      map: (name, frame) => reader.map(name, frame),
      histograms: (frame) => reader.histograms(frame),
      close: () => reader.close(),
    };
  } catch (error) {
    reader.close();
    throw error;
  }
}

function aboutOf(file: string, header: RecordingHeader, end: RecordingEnd): MeasurementAbout {
  const { camera, model } = header;
  const { width, height, bins, binWidthPs, laserPeriodPs } = camera;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const notes: Record<string, string | null | undefined> = {
    'recorded with': header.software,
    'series uid': header.uid,
    series: String(header.series),
    'series started at': iso(header.seriesStartedAt),
    'recording started at': iso(header.recordingStartedAt),
    'recording ended': end.finished ? end.cause : 'not finished',
    notes: header.notes,
    camera: [camera.kind, camera.serial, camera.firmware].filter(Boolean).join(' '),
    bitstream: camera.bitstreamId,
    'lifetimes by': header.source,
    'lifetime mode': header.mode,
    model: model?.name,
    'model hash': header.modelHash,
  };
  return {
    ...{ file: path.basename(file), width, height, bins, binWidthPs, laserPeriodPs },
    notes: Object.fromEntries(Object.entries(notes).filter((note): note is [string, string] => !!note[1])),
  };
}

function framesOf({ camera }: RecordingHeader, columns: RecordedColumns): ExportedFrame[] {
  const { number, startTicks, endTicks, unixTimeMs, complete, rowsValid } = columns;
  const { tickHz, height } = camera;
  return Array.from(number, (_, frame) => ({
    number: number[frame]!,
    startS: startTicks[frame]! / tickHz,
    exposureS: (endTicks[frame]! - startTicks[frame]!) / tickHz,
    unixTimeMs: unixTimeMs[frame]!,
    complete: complete[frame] === 1,
    rowsValid: rowsValid.subarray(frame * height, (frame + 1) * height),
  }));
}

function warningsOf({ finished, error }: RecordingEnd, frames: readonly ExportedFrame[]): string[] {
  const partial = frames.filter(({ complete }) => !complete).length;
  return [
    ...(finished
      ? []
      : [
          'the recording is not finished: it is being written, or its writer died; what it holds is exported',
        ]),
    ...(error ? [`the recording failed: ${error.message}`] : []),
    ...(partial > 0 ? [`${partial} of ${frames.length} recorded frames miss rows, which are 0`] : []),
  ];
}
