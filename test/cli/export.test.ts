import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportResult } from '../../src/export/export.js';
import type { ErrorBody } from '../../src/protocol/errors.js';
import { exportAs, noProgress, recordCamera } from '../export/export-fixture.js';
import {
  madeFrame,
  openRecorder,
  temporaryFolder,
  eventually,
  madeHeader,
} from '../recording/recording-fixture.js';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const { folder, remove } = temporaryFolder();
const run = path.join(folder, 'run.h5');
const FRAMES = 40;
beforeAll(() => recordCamera(run, FRAMES));
afterAll(remove);

function flimd(args: string[], shell = 'true') {
  const node = [process.execPath, main, 'export', ...args];
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${shell}; exec "$@"`, 'bash', ...node], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, stdout, stderr };
}

const resultOf = (stdout: string): ExportResult => JSON.parse(stdout) as ExportResult;
const errorOf = (stderr: string): ErrorBody =>
  (JSON.parse(stderr.trim().split('\n').at(-1)!) as { error: ErrorBody }).error;

describe('flimd export', () => {
  it('writes maps as OME-TIFF beside the recording and says so', () => {
    const { status, stdout, stderr } = flimd(['run.h5']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^40 frames of 24 × 16 pixels\nrun\.ome\.tif {2}\d+ bytes\n$/);
    expect(stderr).toContain('warning: 1 of 40 recorded frames miss rows');
    expect(stderr).toContain('100 % · writing maps');
  });

  it('prints a result for programs', () => {
    const { status, stdout } = flimd(['run.h5', '--format', 'pqbin', '--frames', '2:12', '--json']);
    expect(status).toBe(0);
    expect(resultOf(stdout)).toMatchObject({
      format: 'pqbin',
      files: [{ path: 'run.bin', bytes: 20 + 24 * 16 * 64 * 4 }],
      frames: 10,
      summed: true,
      warnings: [expect.stringContaining('miss rows')],
    });
  });

  it.each([
    [['run.h5', '--format', 'tiff'], 'FLIMD_E_CONFIG', 2],
    [['run.h5', '--format', 'csv', '--histograms'], 'FLIMD_E_CONFIG', 2],
    [['run.h5', '--frames', '3'], 'FLIMD_E_CONFIG', 2],
    [['run.h5', '--pixel-um', '0'], 'FLIMD_E_CONFIG', 2],
    [['run.h5', '--channel', 'x'], 'FLIMD_E_CONFIG', 2],
    [['run.h5', '--frames', '30:50', '--format', 'csv'], 'FLIMD_E_EXPORT_CONTENT', 1],
    [['none.h5'], 'FLIMD_E_RECORDING', 1],
  ])('refuses %j (%s)', (args, code, exit) => {
    const before = readdirSync(folder);
    const { status, stderr, stdout } = flimd([...args, '--json']);
    expect(errorOf(stderr)).toMatchObject({ code, expected: expect.any(String) });
    expect([status, stdout]).toEqual([exit, '']);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('exports a recording that is not finished, with a warning', async () => {
    const recorder = await openRecorder(path.join(folder, 'live.h5'), { header: madeHeader() });
    for (let frame = 0; frame < 5; frame++) recorder.offer(madeFrame(frame));
    await eventually('5 frames flushed', () => recorder.counts.framesRecorded === 5);
    const { status, stdout } = flimd(['live.h5.partial', '--format', 'npz', '--histograms', '--json']);
    await recorder.discard();
    expect(status).toBe(0);
    expect(resultOf(stdout)).toMatchObject({
      files: [{ path: 'live.npz' }, { path: 'live.json' }],
      frames: 5,
      warnings: [expect.stringContaining('not finished')],
    });
  });

  it.each(['ome-tiff', 'npy', 'npz'])('leaves nothing on a disk that is full (%s)', (format) => {
    const before = readdirSync(folder);
    // 1 MiB in blocks of 1 KiB; the histograms are 2 MB.
    const args = ['run.h5', '--format', format, '--histograms', '--out', 'full', '--json'];
    const { status, stderr } = flimd(args, 'ulimit -f 1024');
    expect(status).toBe(1);
    expect(errorOf(stderr)).toMatchObject({ code: 'FLIMD_E_EXPORT_DISK_FULL', expected: 'room on the disk' });
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing when it is interrupted (%s)', async (signal) => {
    const before = readdirSync(folder);
    const args = ['export', 'run.h5', '--histograms', '--compress', '--out', 'cut', '--json'];
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await eventually('the export under way', () => readdirSync(folder).includes('cut.ome.tif.partial'));
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    expect(errorOf(stderr)).toMatchObject({ code: 'FLIMD_E_EXPORT_INTERRUPTED' });
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('gives what it gives as a library', async () => {
    const { stdout } = flimd(['run.h5', '--format', 'csv', '--sum', '--out', 'a.csv', '--json']);
    const result = await exportAs(run, 'csv', { sum: true, out: path.join(folder, 'b.csv') }, noProgress);
    expect(resultOf(stdout)).toMatchObject({
      frames: FRAMES,
      summed: true,
      files: [{ bytes: result.files[0]!.bytes }],
    });
  });
});
