import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invalidColour, pixelColour } from '../../src/colour/colour.js';
import { palettes } from '../../src/colour/palettes.js';
import { sumFrames } from '../../src/recording/frame-sums.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import { endOf, eventually, madeFrame, openRecorder } from '../recording/recording-fixture.js';
import { FlimdProcess, stopAll } from '../support/flimd-process.js';
import { writeSdt } from '../support/sdt-file.js';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const small = 'sim:width=32&height=24&photons=200&fps=25';
const roomy = ['--set', 'recording.minFreeBytes=0'];

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'flimd-record-'))));
afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const named = (name: string): string => path.join(folder, name);
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 50_000, cwd: folder });
const lastLine = (text: string) => JSON.parse(text.trim().split('\n').at(-1)!);

/** `flimd record` under way; what it printed is in `output` when it has ended. */
function startRecording(...args: string[]) {
  const child = spawn(process.execPath, [main, 'record', '--json', ...roomy, ...args], { cwd: folder });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }));
  return { child, ended };
}

const partialFrames = (name: string) => () => existsSync(named(`${name}.partial`));
const grown = (name: string) => () =>
  existsSync(named(`${name}.partial`)) && readFileSync(named(`${name}.partial`)).length > 200_000;

describe('flimd record', () => {
  it('writes into the configured folder where no file is named', () => {
    mkdirSync(named('there'));
    writeFileSync(named('flimd.json'), JSON.stringify({ recording: { directory: named('there') } }));
    const config = ['--config', named('flimd.json')];
    const { status, stdout } = run(
      'record',
      '--camera',
      small,
      '--frames',
      '2',
      ...config,
      '--json',
      ...roomy,
    );
    expect(status).toBe(0);
    const { file, name } = lastLine(stdout);
    expect([file, readdirSync(named('there'))]).toEqual([named(`there/${name}`), [name]]);
  });

  it('records the frames asked for and says what it has done', async () => {
    const { status, stdout, stderr } = run(
      ...['record', '--camera', small, '--frames', '6', '--out', 'six.h5', '--histograms'],
      ...['--notes', 'a note', '--json', ...roomy],
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining('6 frames')]);
    const result = lastLine(stdout);
    expect(result).toMatchObject({
      file: named('six.h5'),
      complete: true,
      framesRecorded: 6,
      reason: 'completed',
      conservation: [{ holds: true }, { holds: true }, { holds: true }],
    });
    const recording = await RecordingReader.open(named('six.h5'));
    expect(recording.header).toMatchObject({ notes: 'a note', histograms: true });
    expect(recording.frames).toBe(6);
    recording.close();
  });

  it('ends in order upon an interrupt, with a complete file', async () => {
    const { child, ended } = startRecording('--camera', small, '--out', 'open');
    await eventually('a growing file', grown('open.h5'));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ file: named('open.h5'), complete: true, reason: 'stopped' });
    expect(readdirSync(folder)).toEqual(['open.h5']);
  });

  it('ends with 1 where the camera goes, and what had come is in the file', async () => {
    const size = ['--width', '32', '--height', '24', '--fps', '25'];
    const camera = await FlimdProcess.start(['sim', ...size, '--listen', 'tcp:127.0.0.1:0']);
    const { ended } = startRecording('--camera', camera.ready.uri, '--out', 'lost');
    await eventually('a growing file', grown('lost.h5'));
    await camera.stop('SIGKILL');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(lastLine(stderr).error.code).toBe('FLIMD_E_LINK_LOST');
    expect(lastLine(stdout)).toMatchObject({ complete: true, reason: 'linkLost' });
    const { status, stdout: inspected } = run('inspect', 'lost.h5', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(inspected)).toMatchObject({
      complete: true,
      lawsHold: true,
      end: { reason: 'linkLost' },
    });
  });

  it.each([
    [['--camera', 'tcp:127.0.0.1:1', '--out', 'x'], 1, 'FLIMD_E_LINK_OPEN'],
    [['--camera', small, '--out', '/no/such/folder/x'], 1, 'FLIMD_E_RECORDING_DIRECTORY'],
    [
      ['--camera', small, '--out', 'x', '--set', `recording.minFreeBytes=${2 ** 52}`],
      1,
      'FLIMD_E_RECORDING_DISK_FULL',
    ],
    [['--camera', small, '--out', 'x', '--frames', '-1'], 2, 'FLIMD_E_CONFIG'],
    [['--camera', small, '--out', 'x', '--compression', '10'], 2, 'FLIMD_E_CONFIG'],
    [['--url', 'http://127.0.0.1:1', '--out', 'x'], 1, 'FLIMD_E_REQUEST'],
    [['--url', 'http://127.0.0.1:1', '--camera', small], 2, 'FLIMD_E_CONFIG'],
  ])('%j ends with %i and %s, and leaves no file', (args, status, code) => {
    const ended = run('record', '--json', ...args);
    expect(ended.status).toBe(status);
    expect(lastLine(ended.stderr).error).toMatchObject({ code });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('asks a running daemon', async () => {
    const daemon = await FlimdProcess.start([
      ...['serve', '--port', '0', '--camera', small, '--set', `recording.directory=${folder}`, ...roomy],
    ]);
    const { status, stdout } = run(
      ...['record', '--url', daemon.ready.url, '--frames', '5', '--out', 'there', '--histograms', '--json'],
    );
    expect(status).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ file: named('there.h5'), complete: true, framesRecorded: 5 });

    const { child, ended } = startThere(daemon.ready.url);
    await eventually('a file', partialFrames('more.h5'));
    child.kill('SIGINT');
    const { code, stdout: more } = await ended;
    expect(code).toBe(0);
    expect(lastLine(more)).toMatchObject({ name: 'more.h5', complete: true });
  });

  const startThere = (url: string) => {
    const child = spawn(process.execPath, [main, 'record', '--url', url, '--out', 'more', '--json']);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, stdout })) };
  };
});

describe('flimd inspect', () => {
  it('tells what a killed recording holds', async () => {
    const { child, ended } = startRecording(
      '--camera',
      small,
      '--out',
      'killed',
      '--set',
      'recording.flushMs=20',
    );
    await eventually('a growing file', grown('killed.h5'));
    child.kill('SIGKILL');
    await ended;
    const { status, stdout } = run('inspect', 'killed.h5.partial', '--json');
    expect(status).toBe(0);
    const inspection = JSON.parse(stdout);
    expect(inspection).toMatchObject({ complete: false, lawsHold: null, end: { reason: null } });
    expect(inspection.frames.recorded).toBeGreaterThan(0);
    expect(run('inspect', 'killed.h5.partial').stdout).toMatch(
      /not finished: still being written, or its writer died/,
    );
  });

  it('sums up valid lifetimes, and says where a law does not hold', async () => {
    const recorder = await openRecorder(named('odd.h5'));
    recorder.offer(madeFrame(0));
    await recorder.finish((counts) => endOf({ ...counts, framesRecorded: 2 }));
    const { status, stdout } = run('inspect', 'odd.h5', '--json');
    expect(status).toBe(1);
    // Pixels 0 to 47 of frame 0 have the lifetimes 0 to 47 ps; 0 is no lifetime.
    expect(JSON.parse(stdout)).toMatchObject({
      lawsHold: false,
      lifetimes: {
        meanLifetimeAmplitude: { validPixels: 47, lowerQuartile: 12, median: 24, upperQuartile: 36 },
        meanLifetimeIntensity: { validPixels: 47, lowerQuartile: 24, median: 48, upperQuartile: 72 },
      },
      photons: { total: (70_001 * 47 * 48) / 2 },
    });
    expect(run('inspect', 'odd.h5').stdout).toMatch(
      /DOES NOT HOLD +frames in the file = framesRecorded: 1, 2/,
    );
  });

  it('draws the mean frame in the colours of the viewer', async () => {
    run('record', '--camera', small, '--frames', '8', '--out', 'drawn', ...roomy);
    const { status, stdout } = run(
      'inspect',
      'drawn.h5',
      '--picture',
      'drawn.png',
      '--palette',
      'rainbow',
      '--json',
    );
    expect(status).toBe(0);
    const { picture } = JSON.parse(stdout);
    const png = decode(readFileSync(named('drawn.png')));
    expect(png).toMatchObject({ width: 32, height: 24, channels: 3 });
    expect(png.text.Description).toContain('meanLifetimeIntensity');
    const recording = await RecordingReader.open(named('drawn.h5'));
    const plane = 'meanLifetimeIntensity';
    const { meanFrame } = sumFrames(recording, recording.columns(), plane);
    // The mean of one pixel, worked out again from the frames.
    const pixel = meanFrame.lifetimePs.findIndex((value) => value > 0);
    let [weighted, weights, photons] = [0, 0, 0];
    for (let frame = 0; frame < recording.frames; frame++) {
      const [tau, count] = [recording.map(plane, frame)[pixel]!, recording.map('photons', frame)[pixel]!];
      photons += count;
      if (tau > 0) [weighted, weights] = [weighted + tau * count, weights + count];
    }
    expect(meanFrame.lifetimePs[pixel]).toBe(Math.round(weighted / weights));
    expect(meanFrame.photons[pixel]).toBe(photons / recording.frames);
    recording.close();
    const ranges = { lifetime: picture.lifetimeRangePs, photons: picture.photonRange, error: null };
    let valid = 0;
    meanFrame.lifetimePs.forEach((tau, at) => {
      const expected =
        tau === 0
          ? invalidColour(at % 32, Math.floor(at / 32))
          : pixelColour(tau, meanFrame.photons[at]!, ranges, palettes.rainbow.colours, 'both');
      expect([...png.data.subarray(3 * at, 3 * at + 3)]).toEqual([...expected]);
      if (tau > 0) valid++;
    });
    expect(valid).toBeGreaterThan(100);
  });

  it('tells what a Becker & Hickl image holds', () => {
    const counts = Uint16Array.from({ length: 4 * 3 * 8 }, (_, at) => at % 7);
    writeFileSync(
      named('a.sdt'),
      writeSdt({ width: 4, height: 3, bins: 8, channels: [counts], title: 'kidney' }),
    );
    const { status, stdout } = run('inspect', 'a.sdt', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'sdt',
      geometry: { width: 4, height: 3, bins: 8, laserPeriodPs: null },
      provenance: { title: 'kidney' },
      photons: { total: counts.reduce((sum, count) => sum + count, 0) },
      lifetimes: null,
    });
    const drawn = run('inspect', 'a.sdt', '--picture', 'a.png', '--json');
    expect([drawn.status, lastLine(drawn.stderr).error.code]).toEqual([1, 'FLIMD_E_RECORDING']);
  });

  it.each([
    ['nothing.h5', null],
    ['text.h5', 'no recording at all'],
    ['cut.h5', Buffer.from('\x89HDF\r\n\x1a\n and no more', 'latin1')],
  ])('refuses %s with a typed error', (name, content) => {
    if (content !== null) writeFileSync(named(name), content);
    const { status, stderr } = run('inspect', name, '--json');
    expect([status, lastLine(stderr).error.code]).toEqual([1, 'FLIMD_E_RECORDING']);
  });
});

describe('replaying a recording', () => {
  it('gives the lifetimes again, bit for bit, and refuses a recording without histograms', async () => {
    const record = (camera: string, ...args: string[]) =>
      run('record', '--camera', camera, '--frames', '5', '--json', ...roomy, ...args);
    record(small, '--out', 'first', '--histograms');
    expect(record('sim:file=first.h5&fps=25', '--out', 'again').status).toBe(0);
    const [first, again] = [
      await RecordingReader.open(named('first.h5')),
      await RecordingReader.open(named('again.h5')),
    ];
    expect(again.header.planes).toEqual(first.header.planes);
    for (let frame = 0; frame < 5; frame++) {
      for (const plane of first.header.planes)
        expect(again.map(plane, frame)).toEqual(first.map(plane, frame));
    }
    first.close();
    again.close();
    const refused = record('sim:file=again.h5', '--out', 'third');
    expect([refused.status, lastLine(refused.stderr).error.code]).toEqual([1, 'FLIMD_E_RECORDING']);
  });
});
