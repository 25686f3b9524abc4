import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlimdClient } from '../../src/client/index.js';
import type { LifetimeFrame } from '../../src/client/planes.js';
import type { DaemonStatus, EndMessage, StreamPlane } from '../../src/protocol/stream.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'flimd-recordings-'))));
afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const small = 'sim:width=32&height=24&photons=100&fps=25';

function serve(settings: Record<string, unknown>, camera = small, ...args: string[]): Promise<FlimdProcess> {
  const set = Object.entries({ 'recording.directory': folder, 'recording.minFreeBytes': 0, ...settings });
  const flags = set.flatMap(([key, value]) => ['--set', `${key}=${String(value)}`]);
  return FlimdProcess.start(['serve', '--port', '0', '--camera', camera, ...flags, ...args]);
}

const files = (): string[] => readdirSync(folder).sort();
const recordingOf = async (client: FlimdClient): Promise<NonNullable<DaemonStatus['recording']>> =>
  (await client.status()).recording!;

async function until(what: string, reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Everything that the stream brought of a series is in the file, bit for bit. */
function expectSame(recording: RecordingReader, frames: readonly LifetimeFrame[]): void {
  const columns = recording.columns();
  const rows = new Map([...columns.number].map((number, row) => [number, row]));
  for (const frame of frames) {
    const row = rows.get(frame.frame)!;
    expect(columns.startTicks[row]).toBe(frame.startTicks);
    expect(columns.endTicks[row]).toBe(frame.endTicks);
    expect(columns.unixTimeMs[row]).toBe(frame.completedAt);
    expect(columns.complete[row]).toBe(frame.complete ? 1 : 0);
    const { height } = recording.header.camera;
    const rowsValid = columns.rowsValid.subarray(row * height, (row + 1) * height);
    expect(rowsValid).toEqual(frame.rowsValid ?? new Uint8Array(height).fill(1));
    for (const [plane, values] of Object.entries(frame.planes)) {
      expect(recording.map(plane as StreamPlane, row), `${plane} of frame ${frame.frame}`).toEqual(values);
    }
  }
}

function expectLaws({ conservation }: Pick<EndMessage, 'conservation'>, laws: number): void {
  expect(conservation).toHaveLength(laws);
  for (const law of conservation) expect(law).toMatchObject({ holds: true });
}

/** Frames still come; then the run is stopped, and its laws hold. */
async function runGoesOn(client: FlimdClient): Promise<EndMessage> {
  const { frame: then } = await nextFrame(client);
  await nextFrame(client, ({ frame }) => frame > then + 5);
  const ended = client.once('end');
  await client.stop();
  const end = await ended;
  client.close();
  expectLaws(end, 3);
  return end;
}

describe('a daemon that records every series', () => {
  it('records what it streams, and tells so at the end', async () => {
    const daemon = await serve({ 'recording.everySeries': true, 'recording.notes': 'from the test' });
    const client = connectClient(daemon.ready.url);
    const frames: LifetimeFrame[] = [];
    client.on('frame', (frame) => frames.push(frame));
    await nextFrame(client, ({ frame }) => frame > 10);
    expect((await recordingOf(client)).current).toMatchObject({
      state: 'recording',
      framesDroppedByRecorder: 0,
    });
    const ended = client.once('end');
    await client.stop();
    const end = await ended;
    client.close();
    expectLaws(end, 3);
    expect(end.recording).toMatchObject({
      complete: true,
      error: null,
      framesRecorded: end.counters.framesPublished,
      framesDroppedByRecorder: 0,
      framesNotAsked: 0,
    });
    expect(files()).toEqual([end.recording!.name]);
    expect(end.recording!.name).toMatch(/^\d{4}-\d\d-\d\d-\d{6}Z-\d+\.h5$/);
    const recording = await RecordingReader.open(path.join(folder, end.recording!.name));
    expectSame(recording, frames);
    expect(recording.frames).toBe(end.counters.framesPublished);
    expect(recording.header).toMatchObject({
      uid: end.uid,
      series: end.series,
      notes: 'from the test',
      histograms: false,
      camera: { width: 32, height: 24 },
      configuration: { camera: small },
    });
    expect(recording.end).toMatchObject({ finished: true, reason: 'stopped', counters: end.counters });
    expect(recording.end.conservation).toEqual(end.conservation);
    recording.close();
    expect(await daemon.stop()).toBe(0);
  });

  it('closes the file of a camera that is pulled out, and begins another when it is back', async () => {
    const listen = ['sim', '--width', '32', '--height', '24', '--fps', '25', '--listen'];
    const camera = await FlimdProcess.start([...listen, 'tcp:127.0.0.1:0']);
    const daemon = await serve(
      { 'recording.everySeries': true },
      camera.ready.uri,
      '--set',
      'reconnect.initialMs=50',
    );
    const client = connectClient(daemon.ready.url);
    const frames: LifetimeFrame[] = [];
    client.on('frame', (frame) => frames.push(frame));
    const { uid } = await nextFrame(client, ({ frame }) => frame > 10);
    const ended = client.once('end');
    await camera.stop('SIGKILL');
    const end = await ended;
    expect(end.reason).toBe('linkLost');
    expect(end.recording).toMatchObject({ complete: true, framesRecorded: end.counters.framesPublished });
    // What the camera sent is not known: the law of the packets is left out.
    expectLaws(end, 2);
    const first = await RecordingReader.open(path.join(folder, end.recording!.name));
    expectSame(
      first,
      frames.filter((frame) => frame.uid === uid),
    );
    expect(first.frames).toBe(end.counters.framesPublished);
    expect(first.end).toMatchObject({ finished: true, reason: 'linkLost', counters: end.counters });
    first.close();

    await FlimdProcess.start([...listen, camera.ready.uri]);
    const later = await nextFrame(client, (frame) => frame.uid !== uid && frame.frame > 3);
    client.close();
    expect(await daemon.stop()).toBe(0);
    expect(files()).toHaveLength(2);
    const other = files().find((name) => name !== end.recording!.name)!;
    const second = await RecordingReader.open(path.join(folder, other));
    expect(second.header.uid).toBe(later.uid);
    expect(second.end).toMatchObject({ finished: true, reason: 'stopped' });
    expectSame(
      second,
      frames.filter((frame) => frame.uid === later.uid),
    );
    second.close();
  });

  it('records the frame that was under way when the link broke', async () => {
    // Each packet may be the last of its connection; a frame has 33.
    const listen = ['sim', '--fps', '25', '--cache-frames', '4', '--listen', 'tcp:127.0.0.1:0'];
    const camera = await FlimdProcess.start([...listen, '--faults', 'disconnect:0.005']);
    const settings = { 'recording.everySeries': true, 'reconnect.initialMs': 20, 'reconnect.maxMs': 20 };
    const daemon = await serve(settings, camera.ready.uri);
    const client = connectClient(daemon.ready.url);
    const frames: LifetimeFrame[] = [];
    const ends: EndMessage[] = [];
    client.on('frame', (frame) => frames.push(frame));
    client.on('end', (end) => ends.push(end));
    const lost = () => ends.filter(({ reason }) => reason === 'linkLost');
    await until('a cut frame', async () => lost().some(({ counters }) => counters.framesPartial > 0));
    client.close();
    await daemon.stop();
    for (const end of lost()) {
      expectLaws(end, 2);
      const recording = await RecordingReader.open(path.join(folder, end.recording!.name));
      expect(recording.end).toMatchObject({ reason: 'linkLost', counters: end.counters });
      expect(recording.frames).toBe(end.counters.framesPublished);
      const { complete } = recording.columns();
      expect(complete.filter((each) => each === 0)).toHaveLength(end.counters.framesPartial);
      const ofSeries = frames.filter(({ uid }) => uid === end.uid);
      expectSame(recording, ofSeries);
      recording.close();
    }
  });

  it('ends the file of a run that is aborted, with what had been delivered', async () => {
    const daemon = await serve({ 'recording.everySeries': true });
    const client = connectClient(daemon.ready.url);
    await nextFrame(client, ({ frame }) => frame > 5);
    const ended = client.once('end');
    await client.abort();
    const end = await ended;
    client.close();
    // The camera is not asked what it sent; it may have said so by itself.
    expectLaws(end, end.counters.packetsSent === null ? 2 : 3);
    const recording = await RecordingReader.open(path.join(folder, end.recording!.name));
    expect(recording.end).toMatchObject({ finished: true, reason: 'aborted' });
    expect(recording.frames).toBe(end.counters.framesPublished);
    recording.close();
  });

  it('records partial frames with the rows that came, whatever the link does', async () => {
    const faulty = 'sim:width=32&height=24&photons=100&fps=40&faults=drop:0.03,corrupt:0.02';
    const daemon = await serve({ 'recording.everySeries': true, 'recording.histograms': true }, faulty);
    const client = connectClient(daemon.ready.url);
    const frames: LifetimeFrame[] = [];
    client.on('frame', (frame) => frames.push(frame));
    await nextFrame(client, ({ frame, complete }) => frame > 40 && !complete);
    const ended = client.once('end');
    await client.stop();
    const end = await ended;
    client.close();
    expectLaws(end, 3);
    expect(end.counters.framesPartial).toBeGreaterThan(0);
    const recording = await RecordingReader.open(path.join(folder, end.recording!.name));
    expectSame(recording, frames);
    const { complete, rowsValid } = recording.columns();
    const partial = complete.indexOf(0);
    const missing = rowsValid.subarray(partial * 24, (partial + 1) * 24).indexOf(0);
    const rowOf = (values: Uint16Array | Uint32Array, length: number) =>
      values.subarray(missing * length, (missing + 1) * length);
    expect(rowOf(recording.map('photons', partial), 32).every((value) => value === 0)).toBe(true);
    expect(rowOf(recording.histograms(partial), 32 * 64).every((value) => value === 0)).toBe(true);
    recording.close();
  });

  it.each([
    [
      'a folder that is not there',
      { 'recording.directory': '/no/such/folder' },
      'FLIMD_E_RECORDING_DIRECTORY',
      409,
    ],
    ['too little room', { 'recording.minFreeBytes': 2 ** 52 }, 'FLIMD_E_RECORDING_DISK_FULL', 507],
    [
      'a queue that holds no frame',
      { 'recording.queueBytes': 65536, 'recording.histograms': true },
      'FLIMD_E_CONFIG',
      400,
    ],
  ])('does not arm where it could not record: %s', async (_, settings, code, httpStatus) => {
    const daemon = await serve({ 'recording.everySeries': true, ...settings }, small, '--no-start');
    const answer = await fetch(`${daemon.ready.url}/api/v1/arm`, { method: 'POST' });
    expect(answer.status).toBe(httpStatus);
    expect(((await answer.json()) as any).error).toMatchObject({ code, action: expect.any(String) });
    const status = (await (await fetch(`${daemon.ready.url}/api/v1/status`)).json()) as DaemonStatus;
    expect(status.state.name).toBe('idle');
    expect(files()).toEqual([]);
    // Nothing is left half done: without the recording the run can be.
    expect(await daemon.stop()).toBe(0);
  });

  it('does not arm where histograms are asked for and stay in the camera', async () => {
    const settings = {
      'recording.everySeries': true,
      'recording.histograms': true,
      'acquisition.histograms': false,
    };
    const daemon = await serve(settings, small, '--no-start');
    const answer = await fetch(`${daemon.ready.url}/api/v1/arm`, { method: 'POST' });
    expect(((await answer.json()) as any).error.code).toBe('FLIMD_E_CAPABILITY');
  });

  it('leaves no file where a run is armed and never started', async () => {
    const daemon = await serve({ 'recording.everySeries': true }, small, '--no-start');
    const post = (verb: string) => fetch(`${daemon.ready.url}/api/v1/${verb}`, { method: 'POST' });
    expect((await post('arm')).status).toBe(200);
    expect(files()).toEqual([expect.stringMatching(/\.h5\.partial$/)]);
    expect((await post('disarm')).status).toBe(200);
    expect(files()).toEqual([]);
  });

  it('leaves no file of a run that is disarmed while its file is opened, and arms the next', async () => {
    const daemon = await serve({ 'recording.everySeries': true }, small, '--no-start');
    const post = (verb: string) => fetch(`${daemon.ready.url}/api/v1/${verb}`, { method: 'POST' });
    const first = post('arm');
    const status = async () =>
      (await (await fetch(`${daemon.ready.url}/api/v1/status`)).json()) as DaemonStatus;
    await until('armed', async () => (await status()).state.name === 'armed');
    expect((await status()).recording!.current, 'its file is being opened').toBeNull();
    const disarmed = post('disarm');
    await until('idle', async () => (await status()).state.name === 'idle');
    const second = post('arm');
    expect((await disarmed).status).toBe(200);
    expect((await first).status).toBe(409);
    expect((await second).status).toBe(200);
    expect(files()).toEqual([expect.stringMatching(/\.h5\.partial$/)]);
    expect((await post('start')).status).toBe(200);
    expect((await post('stop')).status).toBe(200);
    const { lastRun } = await status();
    expect(lastRun!.conservation.every(({ holds }) => holds)).toBe(true);
    expect(files()).toEqual([lastRun!.recording!.name]);
  });
});

describe('recording on request', () => {
  it('records a part of a series under a name, and another part under the next', async () => {
    const daemon = await serve({});
    const client = connectClient(daemon.ready.url);
    await nextFrame(client, ({ frame }) => frame > 2);
    await client.startRecording({ name: 'drop 1', notes: 'first', frames: 5, histograms: true });
    await until('5 frames', async () => (await recordingOf(client)).last !== null);
    expect((await recordingOf(client)).last).toMatchObject({
      name: 'drop 1.h5',
      framesRecorded: 5,
      complete: true,
    });
    await expect(client.startRecording({ name: 'drop 1.h5' })).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING_EXISTS',
    });
    await client.startRecording();
    await expect(client.startRecording()).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    await nextFrame(client, ({ frame }) => frame > 20);
    const { last } = await client.stopRecording();
    expect(last).toMatchObject({ complete: true, framesDroppedByRecorder: 0 });
    await expect(client.stopRecording()).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
    expect((await client.recordings()).map(({ name }) => name).sort()).toEqual(files());
    const end = client.once('end');
    await client.stop();
    expectLaws(await end, 2);
    expect((await end).recording).toBeNull();
    client.close();

    const recording = await RecordingReader.open(path.join(folder, 'drop 1.h5'));
    expect(recording.header).toMatchObject({ notes: 'first', histograms: true });
    expect(recording.end).toMatchObject({
      reason: 'frameLimit',
      counters: null,
      recorder: { framesDelivered: 5, framesRecorded: 5 },
      conservation: [{ law: 'framesDelivered = framesRecorded + framesDroppedByRecorder', holds: true }],
    });
    expect(recording.end.recorder.framesNotAsked).toBe(recording.columns().number[0]);
    recording.close();
  });

  it('records to the end of a series in which it began late, with the law of the whole series', async () => {
    const daemon = await serve({});
    const client = connectClient(daemon.ready.url);
    await nextFrame(client, ({ frame }) => frame > 2);
    await client.startRecording();
    await nextFrame(client, ({ frame }) => frame > 30);
    const ended = client.once('end');
    await client.stop();
    const end = await ended;
    client.close();
    expectLaws(end, 3);
    expect(end.recording!.framesNotAsked).toBeGreaterThan(2);
  });

  it('records the next series where none is under way, and only that', async () => {
    const daemon = await serve({}, small, '--no-start', '--frames', '4');
    const client = connectClient(daemon.ready.url);
    await client.once('status');
    expect(await client.startRecording({ name: 'next' })).toMatchObject({ next: true, current: null });
    for (let series = 0; series < 2; series++) {
      const end = client.once('end');
      await client.arm();
      await client.start();
      await end;
    }
    expect(files()).toEqual(['next.h5']);
    expect((await recordingOf(client)).last).toMatchObject({ name: 'next.h5', framesRecorded: 4 });
    await expect(client.startRecording({ name: 'next' })).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING_EXISTS',
    });
    await client.startRecording({ name: 'never' });
    expect(await client.stopRecording()).toMatchObject({ next: false });
    // Runs that are armed and never started are no series: what was asked of the next one stands.
    await client.startRecording({ name: 'later' });
    await client.arm();
    expect(await recordingOf(client)).toMatchObject({ next: false, current: { name: 'later.h5' } });
    await client.disarm();
    expect(await recordingOf(client)).toMatchObject({ next: true, current: null });
    await client.arm();
    await client.stopRecording();
    await client.disarm();
    expect(await recordingOf(client)).toMatchObject({ next: false, current: null });
    client.close();
  });

  it('takes no name that could lead out of its folder', async () => {
    const daemon = await serve({}, small, '--no-start');
    for (const name of ['../run', '/etc/run', 'a/b', '.hidden', '..', 'a\0b', '%2e%2e', 'a\\b']) {
      const answer = await fetch(`${daemon.ready.url}/api/v1/recording/start`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      expect(answer.status, name).toBe(400);
      expect(((await answer.json()) as any).error.code).toBe('FLIMD_E_REQUEST');
    }
  });
});

describe('a recording that fails in mid-run', () => {
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
  if (!isRoot && !process.env.CI) {
    console.log('skipped: disks that fill up or hang (run the tests as root on Linux)');
  }
  const must = (program: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    expect([program, status, stderr]).toEqual([program, 0, '']);
  };

  it.skipIf(!isRoot && !process.env.CI)('ends, and the run goes on without it', async () => {
    const mount = path.join(folder, 'disk');
    mkdirSync(mount);
    must('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount);
    try {
      const daemon = await serve({ 'recording.everySeries': true, 'recording.directory': mount });
      const client = connectClient(daemon.ready.url);
      await until('the failure', async () => (await recordingOf(client)).error !== null);
      const status = await recordingOf(client);
      expect(status).toMatchObject({
        current: { state: 'failed' },
        error: { code: 'FLIMD_E_RECORDING_DISK_FULL' },
      });
      const end = await runGoesOn(client);
      expect(end.reason).toBe('stopped');
      expect(end.recording).toMatchObject({
        complete: false,
        error: { code: 'FLIMD_E_RECORDING_DISK_FULL' },
      });
      expect(end.recording!.framesDroppedByRecorder).toBeGreaterThan(5);
      expect(daemon.output).toMatch(/the recording has failed/);
      const recording = await RecordingReader.open(path.join(mount, `${end.recording!.name}.partial`));
      expect(recording.frames).toBe(end.recording!.framesRecorded);
      expect(recording.end).toMatchObject({ finished: true, reason: 'recordingFailed' });
      recording.close();
      expect(await daemon.stop()).toBe(0);
    } finally {
      await stopAll();
      spawnSync('umount', [mount]);
    }
  });

  it.skipIf(!isRoot && !process.env.CI)('gives up a disk that hangs, and the run goes on', async () => {
    const image = path.join(folder, 'disk.img');
    const mount = path.join(folder, 'disk');
    mkdirSync(mount);
    writeFileSync(image, '');
    truncateSync(image, 64 * 1024 * 1024);
    must('mkfs.ext4', '-q', image);
    must('mount', '-o', 'loop', image, mount);
    try {
      const settings = {
        'recording.everySeries': true,
        'recording.directory': mount,
        'recording.stallMs': 1000,
      };
      const daemon = await serve({ ...settings, 'recording.flushMs': 50 });
      const client = connectClient(daemon.ready.url);
      await until('frames in the file', async () => (await recordingOf(client)).current!.framesRecorded > 5);
      must('fsfreeze', '-f', mount);
      await until('the failure', async () => (await recordingOf(client)).error !== null);
      const end = await runGoesOn(client);
      expect(end.counters.framesDropped).toBe(0);
      expect(end.recording).toMatchObject({ complete: false, error: { code: 'FLIMD_E_RECORDING_WRITE' } });
      must('fsfreeze', '-u', mount);
      await daemon.stop();
      const recording = await RecordingReader.open(path.join(mount, `${end.recording!.name}.partial`));
      expect(recording.frames).toBeGreaterThanOrEqual(end.recording!.framesRecorded);
      recording.close();
    } finally {
      // A process that waits for a frozen disk cannot be ended.
      spawnSync('fsfreeze', ['-u', mount]);
      await stopAll();
      spawnSync('umount', [mount]);
    }
  });

  it('counts what a disk that is too slow cannot take, and the live view goes on', async () => {
    // Deflate at level 9 on one thread is slower than these frames come; the queue holds three of them.
    const fast = 'sim:width=64&height=64&bins=64&photons=400&fps=60&cacheFrames=8';
    const settings = {
      'recording.everySeries': true,
      'recording.histograms': true,
      'recording.compression': 9,
      'recording.queueBytes': 2_000_000,
    };
    const daemon = await serve(settings, fast);
    const client = connectClient(daemon.ready.url);
    await until(
      'dropped frames',
      async () => ((await recordingOf(client)).current?.framesDroppedByRecorder ?? 0) > 3,
    );
    const ended = client.once('end');
    await client.stop();
    const end = await ended;
    client.close();
    expectLaws(end, 3);
    expect(end.counters).toMatchObject({ framesDropped: 0, framesRejected: 0 });
    expect(end.recording).toMatchObject({ complete: true, error: null });
    const recording = await RecordingReader.open(path.join(folder, end.recording!.name));
    expect(recording.frames).toBe(end.recording!.framesRecorded);
    expect(recording.end.recorder.framesDroppedByRecorder).toBe(end.recording!.framesDroppedByRecorder);
    recording.close();
  });

  it('says that a name is taken before it records', async () => {
    writeFileSync(path.join(folder, 'taken.h5'), 'precious');
    const daemon = await serve(
      { 'recording.everySeries': true, 'recording.fileName': 'taken' },
      small,
      '--no-start',
    );
    const answer = await fetch(`${daemon.ready.url}/api/v1/arm`, { method: 'POST' });
    expect(((await answer.json()) as any).error.code).toBe('FLIMD_E_RECORDING_EXISTS');
    expect(existsSync(path.join(folder, 'taken.h5.partial'))).toBe(false);
  });
});
