import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamPlane } from '../../src/protocol/stream.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import {
  endOf,
  eventually,
  madeFrame,
  madeHeader,
  madeHistograms,
  madePlane,
  openRecorder,
  smallShape,
  temporaryFolder,
} from './recording-fixture.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());
const named = (name: string): string => path.join(folder.folder, name);

/** A frame with its second row missing, as the assembler delivers it. */
function partialFrame(frame: number) {
  const rowsValid = new Uint8Array(smallShape.height).fill(1);
  rowsValid[1] = 0;
  return madeFrame(frame, smallShape, { complete: false, rowsValid, mismatchedPixels: 3, source: 'host' });
}

describe('Recorder', () => {
  it.each([0, 4])('writes every value of every frame (compression %i)', async (compression) => {
    const file = named('run.h5');
    const recorder = await openRecorder(file, { compression });
    for (const frame of [0, 2, 1]) recorder.offer(madeFrame(frame));
    recorder.offer(partialFrame(5));
    const result = await recorder.finish(endOf);
    expect(result).toMatchObject({
      framesDelivered: 4,
      framesRecorded: 4,
      framesDroppedByRecorder: 0,
      error: null,
    });
    expect(existsSync(`${file}.partial`)).toBe(false);
    expect(result.bytes).toBe(readFileSync(file).length);

    const recording = await RecordingReader.open(file);
    expect(recording.header).toEqual({
      ...madeHeader(),
      planes: expect.arrayContaining([...madeHeader().planes]),
    });
    expect(recording.end).toEqual(endOf({ ...recorder.counts }));
    const { rowsValid, ...columns } = recording.columns();
    expect(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]))).toEqual({
      number: [0, 2, 1, 5],
      startTicks: [0, 2, 1, 5].map((frame) => madeFrame(frame).startTicks),
      endTicks: [0, 2, 1, 5].map((frame) => madeFrame(frame).endTicks),
      unixTimeMs: [0, 2, 1, 5].map((frame) => madeFrame(frame).completedAt),
      complete: [1, 1, 1, 0],
      source: [0, 0, 0, 1],
      mismatchedPixels: [-1, -1, -1, 3],
    });
    expect([...rowsValid.subarray(3 * smallShape.height)]).toEqual([1, 0, 1, 1, 1, 1]);
    expect(rowsValid.subarray(0, 3 * smallShape.height).every((valid) => valid === 1)).toBe(true);
    [0, 2, 1, 5].forEach((frame, at) => {
      for (const plane of madeHeader().planes as StreamPlane[]) {
        expect(recording.map(plane, at), `${plane} ${frame}`).toEqual(madePlane(plane, frame, smallShape));
      }
      expect(recording.histograms(at)).toEqual(madeHistograms(frame, smallShape));
    });
    recording.close();
  });

  it('does not wait for ever for a disk on which no file can be made', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const opened = openRecorder(named('hangs.h5'), { stallMs: 20_000 }).catch((error: unknown) => error);
      // At once for the thread, which has not even begun.
      vi.advanceTimersByTime(30_000);
      expect(await opened).toMatchObject({ code: 'FLIMD_E_RECORDING_WRITE' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be read while it is being written', async () => {
    const file = named('live.h5');
    const recorder = await openRecorder(file);
    for (let frame = 0; frame < 10; frame++) recorder.offer(madeFrame(frame));
    await eventually('10 frames flushed', () => recorder.counts.framesRecorded === 10);
    const live = await RecordingReader.open(`${file}.partial`);
    expect(live.frames).toBe(10);
    expect(live.end).toMatchObject({ finished: false, recorder: { framesRecorded: 10 } });
    expect(live.map('photons', 9)).toEqual(madePlane('photons', 9, smallShape));
    live.close();
    recorder.offer(madeFrame(10));
    expect(await recorder.finish(endOf)).toMatchObject({ framesRecorded: 11, error: null });
  });

  it('leaves out what a series does not have', async () => {
    const planes: StreamPlane[] = ['meanLifetimeIntensity', 'photons'];
    const file = named('few.h5');
    const recorder = await openRecorder(file, {
      header: madeHeader(smallShape, { planes, histograms: false }),
    });
    recorder.offer(madeFrame(0));
    await recorder.finish(endOf);
    const recording = await RecordingReader.open(file);
    expect(recording.header).toMatchObject({ planes, histograms: false });
    expect(() => recording.histograms(0)).toThrow('has no histograms');
    expect(() => recording.map('meanLifetimeAmplitude', 0)).toThrow('has no plane');
    expect(() => recording.map('photons', 1)).toThrow('has no frame 1');
    recording.close();
  });

  it('drops and counts frames that the disk is too slow for, and never waits', async () => {
    // Deflate at level 9 is slower than frames that are offered without a pause.
    const shape = { width: 64, height: 64, bins: 64 };
    const file = named('slow.h5');
    const recorder = await openRecorder(file, {
      header: madeHeader(shape),
      compression: 9,
      queueBytes: 4 * 1024 * 1024,
    });
    const frames = 40;
    for (let frame = 0; frame < frames; frame++) recorder.offer(madeFrame(frame, shape));
    const result = await recorder.finish(endOf);
    expect(result.framesDroppedByRecorder).toBeGreaterThan(0);
    expect(result.framesRecorded).toBeGreaterThan(0);
    expect(result.framesRecorded + result.framesDroppedByRecorder).toBe(frames);
    const recording = await RecordingReader.open(file);
    expect(recording.frames).toBe(result.framesRecorded);
    expect(recording.end.recorder).toEqual(recorder.counts);
    const { number } = recording.columns();
    number.forEach((frame, at) => {
      expect(recording.map('photons', at)[5]).toBe(madePlane('photons', frame, shape)[5]);
    });
    recording.close();
  });

  it('takes its file away where no frame was ever to come', async () => {
    const recorder = await openRecorder(named('none.h5'));
    await recorder.discard();
    expect(existsSync(named('none.h5.partial'))).toBe(false);
  });

  it('overwrites nothing', async () => {
    writeFileSync(named('taken.h5.partial'), 'precious');
    await expect(openRecorder(named('taken.h5'))).rejects.toMatchObject({ code: 'FLIMD_E_RECORDING_WRITE' });
    expect(readFileSync(named('taken.h5.partial'), 'utf8')).toBe('precious');

    let failed: string | null = null;
    const recorder = await openRecorder(named('late.h5'), { onFailed: (error) => (failed = error.code) });
    recorder.offer(madeFrame(0));
    writeFileSync(named('late.h5'), 'precious');
    const result = await recorder.finish(endOf);
    expect(failed).toBe('FLIMD_E_RECORDING_EXISTS');
    expect(result.error?.code).toBe('FLIMD_E_RECORDING_EXISTS');
    expect(readFileSync(named('late.h5'), 'utf8')).toBe('precious');
    const recording = await RecordingReader.open(named('late.h5.partial'));
    expect(recording.frames).toBe(1);
    recording.close();
  });

  it('refuses a queue that holds no two frames', async () => {
    await expect(openRecorder(named('q.h5'), { queueBytes: 1000 })).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
    });
  });
});
