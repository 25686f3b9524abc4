import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Dataset } from 'h5wasm/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHdf5 } from '../../src/recording/hdf5/hdf5-library.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import { eventually, pause, temporaryFolder } from './recording-fixture.js';

const script = path.join(import.meta.dirname, 'write-until-killed.mjs');
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

interface Told {
  recorded?: number;
  failed?: { code: string; message: string };
  result?: { framesDelivered: number; framesRecorded: number; framesDroppedByRecorder: number };
}

/** A process that records; what it told is collected. */
function startWriting(file: string, shell?: string): { child: ChildProcess; told: Told[] } {
  const node = [process.execPath, script, file, '1'];
  const [program, ...args] = shell ? ['bash', '-c', `${shell}; exec "$@"`, 'bash', ...node] : node;
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: Told[] = [];
  createInterface(child.stdout!).on('line', (line) => told.push(JSON.parse(line) as Told));
  return { child, told };
}

const recordedOf = (told: readonly Told[]): number =>
  told.filter(({ recorded }) => recorded).at(-1)?.recorded ?? 0;

/** Rows of each dataset with one a frame, as any reader sees them. */
async function rowsIn(file: string): Promise<Record<string, number>> {
  const { hdf5 } = await loadHdf5();
  const opened = new hdf5.File(file, isClosed(file) ? 'r' : 'Sr');
  const names = opened.paths().filter((name) => /^(?:frames|maps)\/|^histograms$/.test(name));
  const rows = names.map((name) => [name, (opened.get(name) as Dataset).shape![0]!] as const);
  opened.close();
  return Object.fromEntries(rows);
}

/** Every frame that counts as recorded has all its values. */
async function expectSound(file: string, least: number): Promise<RecordingReader> {
  const recording = await RecordingReader.open(file);
  expect(recording.frames).toBeGreaterThanOrEqual(least);
  const { 'frames/number': counted, ...others } = await rowsIn(file);
  expect(counted).toBe(recording.frames);
  expect(Object.keys(others)).toHaveLength(10);
  expect(Math.min(...Object.values(others))).toBeGreaterThanOrEqual(counted!);
  const { number, endTicks, rowsValid } = recording.columns();
  for (let frame = 0; frame < recording.frames; frame++) {
    const same = (values: ArrayLike<number>, expected: number): boolean =>
      Array.prototype.every.call(values, (value) => value === expected);
    const sound =
      number[frame] === frame &&
      endTicks[frame] === frame * 10 + 9 &&
      same(recording.map('meanLifetimeAmplitude', frame), frame & 0xffff) &&
      same(recording.map('photons', frame), frame + 100_000) &&
      same(recording.histograms(frame), frame & 0xffff);
    if (!sound) expect.fail(`frame ${frame} of ${recording.frames} is not as it was recorded`);
  }
  expect(rowsValid).toEqual(new Uint8Array(recording.frames * 48).fill(1));
  recording.close();
  return recording;
}

describe('a writer that is killed', () => {
  // At other moments each time: between flushes and in the middle of one.
  it.each([0, 3, 7, 11, 16, 23])('leaves what was flushed (%i ms later)', async (laterMs) => {
    const file = path.join(folder.folder, 'run.h5');
    const { child, told } = startWriting(file);
    await eventually('frames recorded', () => recordedOf(told) > 50);
    await pause(laterMs);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(file)).toBe(false);
    const recording = await expectSound(`${file}.partial`, recordedOf(told));
    expect(recording.end).toMatchObject({ finished: false, reason: null });
    expect(recording.header.uid).toBe('killed');
  });
});

/** The file is not marked as being written: any reader opens it. */
function isClosed(file: string): boolean {
  const consistencyFlags = 11;
  const opened = openSync(file, 'r');
  const bytes = Buffer.alloc(consistencyFlags + 1);
  readSync(opened, bytes, 0, bytes.length, 0);
  closeSync(opened);
  return bytes[consistencyFlags] === 0;
}

async function expectFailure({ child, told }: ReturnType<typeof startWriting>, file: string): Promise<void> {
  await once(child, 'close');
  const failed = told.find((each) => each.failed)?.failed;
  expect(failed).toMatchObject({ code: 'FLIMD_E_RECORDING_DISK_FULL' });
  const result = told.at(-1)!.result!;
  expect(result.framesRecorded).toBeGreaterThan(10);
  expect(result.framesRecorded + result.framesDroppedByRecorder).toBe(result.framesDelivered);
  expect(existsSync(file)).toBe(false);
  const recording = await expectSound(`${file}.partial`, result.framesRecorded);
  expect(recording.frames).toBe(result.framesRecorded);
  expect(recording.end.recorder.framesRecorded).toBe(recording.frames);
}

describe('a disk that is full', () => {
  it('ends the recording and leaves what was recorded (limit on the size of a file)', async () => {
    const file = path.join(folder.folder, 'run.h5');
    // 8 MiB, in blocks of 1 KiB.
    await expectFailure(startWriting(file, 'ulimit -f 8192'), file);
  });

  const mounted = tryMount();
  it.skipIf(!mounted && !process.env.CI)(
    'does so on a file system of 8 MiB, and closes the file',
    async () => {
      const mount = path.join(folder.folder, 'small');
      expect(spawnSync('mkdir', [mount]).status).toBe(0);
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mount]).status).toBe(0);
      try {
        const file = path.join(mount, 'run.h5');
        await expectFailure(startWriting(file), file);
        expect(statfsSync(mount).bavail).toBe(0);
        expect(isClosed(`${file}.partial`)).toBe(true);
        const recording = await RecordingReader.open(`${file}.partial`);
        expect(recording.end).toMatchObject({ finished: true, reason: 'recordingFailed' });
        recording.close();
      } finally {
        spawnSync('umount', [mount]);
      }
    },
  );
});

/** Whether this user may mount a small file system; says what is missing where not. */
function tryMount(): boolean {
  if (process.getuid?.() === 0 && process.platform === 'linux') return true;
  console.log('skipped: a full file system (run the tests as root on Linux)');
  return false;
}
