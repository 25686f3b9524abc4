import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecorderCounts, StreamPlane } from '../../src/protocol/stream.js';
import type { RecordableFrame, RecordingEnd, RecordingHeader } from '../../src/recording/recording-layout.js';
import { Recorder, type RecorderOptions } from '../../src/recording/recorder.js';

export function temporaryFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-recording-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Shape {
  width: number;
  height: number;
  bins: number;
}

export const smallShape: Shape = { width: 8, height: 6, bins: 5 };

export function madeHeader(
  shape: Shape = smallShape,
  changes: Partial<RecordingHeader> = {},
): RecordingHeader {
  return {
    software: 'flimd test',
    uid: '0f7c6a4e-0000-4000-8000-000000000001',
    series: 4_000_000_001,
    seriesStartedAt: 1_760_000_000_000.5,
    recordingStartedAt: 1_760_000_001_000.25,
    notes: 'Zellen, 37 °C',
    mode: 'shadow',
    source: 'device',
    camera: {
      uri: 'sim:',
      kind: 'virtual',
      serial: 'SIM-1',
      firmware: '1.2',
      bitstreamId: 'b175',
      ...shape,
      binWidthPs: 195.3125,
      laserPeriodPs: 13157.895,
      outputs: ['lifetimes', 'histograms', 'standardErrors'],
      modelHash: 'cafe',
      tickHz: 1e9,
    },
    model: null,
    modelHash: 'cafe',
    configuration: { camera: 'sim:', server: { token: '(hidden)' } },
    planes: [
      'meanLifetimeAmplitude',
      'meanLifetimeIntensity',
      'photons',
      'standardErrorAmplitude',
      'standardErrorIntensity',
    ],
    histograms: true,
    ...changes,
  };
}

const stepOf: Record<StreamPlane, number> = {
  meanLifetimeAmplitude: 1,
  meanLifetimeIntensity: 2,
  photons: 70_001,
  standardErrorAmplitude: 3,
  standardErrorIntensity: 4,
};

/** Values that differ between planes, frames and pixels. */
export function madePlane(
  plane: StreamPlane,
  frame: number,
  { width, height }: Shape,
): Uint16Array | Uint32Array {
  const values = plane === 'photons' ? new Uint32Array(width * height) : new Uint16Array(width * height);
  return values.map((_, pixel) => frame * 101 + pixel * stepOf[plane]);
}

export const madeHistograms = (frame: number, { width, height, bins }: Shape): Uint16Array =>
  new Uint16Array(width * height * bins).map((_, at) => frame * 7 + at);

export function madeFrame(
  frame: number,
  shape: Shape = smallShape,
  changes: Partial<RecordableFrame> = {},
): RecordableFrame {
  const planes = Object.keys(stepOf) as StreamPlane[];
  return {
    frame,
    startTicks: 2 ** 40 + frame * 1000,
    endTicks: 2 ** 40 + frame * 1000 + 999,
    completedAt: 1_760_000_000_000.125 + frame,
    complete: true,
    source: 'device',
    mismatchedPixels: null,
    rowsValid: null,
    planes: Object.fromEntries(planes.map((plane) => [plane, bytesOf(madePlane(plane, frame, shape))])),
    histograms: bytesOf(madeHistograms(frame, shape)),
    ...changes,
  };
}

export const bytesOf = (values: Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export function openRecorder(file: string, changes: Partial<RecorderOptions> = {}): Promise<Recorder> {
  return Recorder.open({
    file,
    header: madeHeader(),
    compression: 0,
    flushMs: 20,
    minFreeBytes: 0,
    queueBytes: 1024 * 1024,
    stallMs: 20_000,
    onFailed: () => {},
    ...changes,
  });
}

export const endOf = (recorder: RecorderCounts): RecordingEnd => ({
  finished: true,
  endedAt: 1_760_000_002_000,
  reason: 'stopped',
  cause: 'the test is over – ü',
  error: null,
  recorder,
  counters: null,
  conservation: [],
});

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for something that will come, and says what did not. */
export async function eventually(what: string, reached: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!reached()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await pause(5);
  }
}
