import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import {
  endOf,
  madeFrame,
  madeHeader,
  openRecorder,
  temporaryFolder,
} from '../recording/recording-fixture.js';
import { bytesOf } from '../recording/recording-fixture.js';
import { cameraShape, exportAs, recordCamera } from './export-fixture.js';

const { folder, remove } = temporaryFolder();
const run = path.join(folder, 'run.h5');
let recording: RecordingReader;
beforeAll(async () => {
  await recordCamera(run, 3);
  recording = await RecordingReader.open(run);
});
afterAll(() => {
  recording.close();
  remove();
});

/** Rows of cells; the file must be RFC 4180 to its last line end. */
function table(name: string): string[][] {
  const text = readFileSync(path.join(folder, name), 'utf8');
  expect(text.endsWith('\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n"]/);
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
}

const sumOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);

/** Nearest rank: the value that a share of all do not exceed. */
function plainQuantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}

describe('frames as CSV', () => {
  it('have times, photons, and quartiles of what is valid', async () => {
    await exportAs(run, 'csv');
    const [headings, ...rows] = table('run.csv');
    expect(headings).toEqual([
      ...['frame', 'start_s', 'exposure_s', 'unix_time_ms', 'complete', 'valid_pixels', 'photons'],
      ...['amplitude', 'intensity'].flatMap((weighted) =>
        ['q1', 'median', 'q3'].map((figure) => `mean_lifetime_${weighted}_${figure}_ps`),
      ),
    ]);
    expect(rows).toHaveLength(3);
    rows.forEach((row, frame) => {
      const valid = (plane: 'meanLifetimeAmplitude' | 'meanLifetimeIntensity') =>
        Array.from(recording.map(plane, frame)).filter((value) => value > 0);
      const amplitude = valid('meanLifetimeAmplitude');
      const intensity = valid('meanLifetimeIntensity');
      expect(amplitude.length).toBeGreaterThan(50);
      expect(row.map(Number)).toEqual([
        ...[10 + frame, frame / 10, 0.099, 1_760_000_000_099 + 100 * frame, frame === 1 ? 0 : 1],
        amplitude.length,
        sumOf(recording.map('photons', frame)),
        ...[0.25, 0.5, 0.75].map((part) => plainQuantile(amplitude, part)),
        ...[0.25, 0.5, 0.75].map((part) => plainQuantile(intensity, part)),
      ]);
    });
  });

  it('have empty cells where no pixel is valid', async () => {
    const dark = path.join(folder, 'dark.h5');
    const recorder = await openRecorder(dark, { header: madeHeader() });
    const frame = madeFrame(0);
    frame.planes['meanLifetimeAmplitude'] = bytesOf(new Uint16Array(48));
    frame.planes['meanLifetimeIntensity'] = bytesOf(new Uint16Array(48));
    recorder.offer(frame);
    await recorder.finish(endOf);
    await exportAs(dark, 'csv');
    const [, row] = table('dark.csv');
    expect(row!.slice(5, 6)).toEqual(['0']);
    expect(row!.slice(7)).toEqual(['', '', '', '', '', '']);
  });
});

describe('pixels as CSV', () => {
  it('are the photon-weighted mean of the frames, with empty cells where none is valid', async () => {
    await exportAs(run, 'csv', { pixels: true });
    const [headings, ...rows] = table('run.pixels.csv');
    expect(headings).toEqual([
      ...['x', 'y', 'mean_lifetime_amplitude_ps', 'mean_lifetime_intensity_ps'],
      ...['standard_error_amplitude_ps', 'standard_error_intensity_ps', 'photons'],
    ]);
    const { width, height } = cameraShape;
    expect(rows).toHaveLength(width * height);
    const frames = [0, 1, 2].map((frame) => ({
      photons: recording.map('photons', frame),
      tau: recording.map('meanLifetimeIntensity', frame),
      sigma: recording.map('standardErrorIntensity', frame),
    }));
    let partly = 0;
    rows.forEach((row, pixel) => {
      expect(row.slice(0, 2).map(Number)).toEqual([pixel % width, Math.floor(pixel / width)]);
      const valid = frames.filter(({ tau }) => tau[pixel]! > 0);
      if (valid.length === 1 || valid.length === 2) partly++;
      expect(Number(row[6])).toBe(sumOf(frames.map(({ photons }) => photons[pixel]!)));
      if (valid.length === 0) return expect([row[3], row[5]]).toEqual(['', '']);
      const weight = sumOf(valid.map(({ photons }) => photons[pixel]!));
      const mean = sumOf(valid.map(({ photons, tau }) => (photons[pixel]! / weight) * tau[pixel]!));
      const error = Math.hypot(
        ...valid.map(({ photons, sigma }) => (photons[pixel]! / weight) * sigma[pixel]!),
      );
      expect(Math.abs(Number(row[3]) - mean)).toBeLessThanOrEqual(0.5 + 1e-9);
      expect(Math.abs(Number(row[5]) - error)).toBeLessThanOrEqual(0.5 + 1e-9);
    });
    expect(partly).toBeGreaterThan(5);
  });

  it('of one frame are that frame', async () => {
    await exportAs(run, 'csv', {
      pixels: true,
      frames: { from: 2, end: 3 },
      out: path.join(folder, 'one.csv'),
    });
    const [, ...rows] = table('one.csv');
    for (const [column, plane] of [
      [2, 'meanLifetimeAmplitude'],
      [4, 'standardErrorAmplitude'],
      [6, 'photons'],
    ] as const) {
      expect(
        rows.map((row) => Number(row[column])),
        plane,
      ).toEqual(Array.from(recording.map(plane, 2)));
    }
  });
});
