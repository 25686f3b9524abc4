import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { FlimdClient, type LifetimeFrame, type WebSocketConstructor } from '../../src/client/index.js';
import { type StartMessage, streamPlanes } from '../../src/protocol/stream.js';
import { FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';
import { askPython, lacksPython } from '../support/python.js';

const lacking = lacksPython('recordings read by h5py', ['h5py']);

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'flimd-h5py-'))));
afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const readWithH5py = (name: string, ...flags: string[]): any =>
  askPython(path.join(import.meta.dirname, 'read_recording.py'), path.join(folder, name), ...flags);

const digest = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength))
    .digest('hex');

/** A daemon that records every series, and what a client of its stream is sent. */
async function recordAndListen(...flags: string[]) {
  const settings = { directory: folder, everySeries: true, minFreeBytes: 0, fileName: 'run' };
  const set = Object.entries(settings).flatMap(([key, value]) => [
    '--set',
    `recording.${key}=${String(value)}`,
  ]);
  const camera = 'sim:width=48&height=40&fps=10&faults=drop:0.01';
  const daemon = await FlimdProcess.start(['serve', '--port', '0', '--camera', camera, ...set, ...flags]);
  const client = FlimdClient.connect({
    url: daemon.ready.url,
    webSocket: WebSocket as unknown as WebSocketConstructor,
    planes: streamPlanes.map(({ name }) => name),
  });
  const frames: LifetimeFrame[] = [];
  let start: StartMessage | undefined;
  client.on('start', (message) => (start = message));
  client.on('frame', (frame) => frames.push(frame));
  return { daemon, client, frames, start: () => start! };
}

/** Every pixel of every frame that the client was sent. */
function expectSamePixels(file: any, frames: readonly LifetimeFrame[]): void {
  expect(frames.length).toBeGreaterThan(5);
  for (const frame of frames) {
    const row = file.columns.number.indexOf(frame.frame);
    const digests = Object.fromEntries(
      Object.keys(frame.planes).map((plane) => [plane, file.digests[plane][row]]),
    );
    const sent = Object.entries(frame.planes).map(([plane, values]) => [plane, digest(values)]);
    expect(digests).toEqual(Object.fromEntries(sent));
    expect(Object.keys(digests)).toHaveLength(5);
    expect(file.columns.startTicks[row]).toBe(frame.startTicks);
    expect(file.columns.unixTimeMs[row]).toBe(frame.completedAt);
    expect(file.columns.complete[row]).toBe(frame.complete ? 1 : 0);
    if (frame.rowsValid) expect(file.columns.rowsValid[row]).toEqual([...frame.rowsValid]);
  }
}

describe.skipIf(lacking)('a reader of another make (h5py)', () => {
  it.each([0, 6])('finds every pixel that a stream client received (compression %i)', async (level) => {
    const { client, frames, start } = await recordAndListen(
      ...['--set', 'recording.histograms=true', '--set', `recording.compression=${level}`],
    );
    await nextFrame(client, ({ frame }) => frame > 12);
    const ended = client.once('end');
    await client.stop();
    const end = await ended;
    client.close();
    const file = readWithH5py('run.h5');
    expectSamePixels(file, frames);
    expect(file.types).toEqual({
      histograms: '<u2',
      meanLifetimeAmplitude: '<u2',
      meanLifetimeIntensity: '<u2',
      photons: '<u4',
      standardErrorAmplitude: '<u2',
      standardErrorIntensity: '<u2',
    });
    expect(file.shapes).toMatchObject({ photons: [40, 48], histograms: [40, 48, 64] });
    expect(file.labels).toMatchObject({
      photons: ['frame', 'y', 'x'],
      histograms: ['frame', 'y', 'x', 'bin'],
    });
    expect(file.units).toMatchObject({ meanLifetimeIntensity: 'ps', photons: 'photons' });
    const { camera, uid, model } = start();
    expect(file.attributes).toMatchObject({
      format: 'flimd-recording',
      formatVersion: 1,
      uid,
      width: 48,
      height: 40,
      bins: 64,
      binWidthPs: camera.binWidthPs,
      laserPeriodPs: camera.laserPeriodPs,
      tickHz: camera.tickHz,
      camera: JSON.stringify(camera),
      model: JSON.stringify(model),
    });
    expect(file.end).toMatchObject({ finished: true, reason: 'stopped', counters: end.counters });
    expect(file.end.conservation).toEqual(end.conservation);
    expect(file.columns.number).toHaveLength(end.counters.framesPublished);
  });

  it('reads what a daemon that was killed had recorded', async () => {
    const { daemon, client, frames } = await recordAndListen('--set', 'recording.flushMs=50');
    await nextFrame(client, ({ frame }) => frame > 12);
    const recorded = async () => (await client.status()).recording!.current!.framesRecorded;
    let known = 0;
    while (known <= 8) known = await recorded();
    client.close();
    await daemon.stop('SIGKILL');
    const file = readWithH5py('run.h5.partial', '--live');
    expect(file.columns.number.length).toBeGreaterThanOrEqual(known);
    expectSamePixels(
      file,
      frames.filter(({ frame }) => file.columns.number.includes(frame)),
    );
    expect(file.end).toMatchObject({ finished: false, reason: null });
  });
});
