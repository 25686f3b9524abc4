import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { shippedModels } from '../../src/lifetime/model-library.js';
import { loadModelPackage, writeModelPackage } from '../../src/lifetime/model-package.js';
import type { EndMessage } from '../../src/protocol/stream.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';

afterEach(stopAll);

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const small = 'sim:width=32&height=32&photons=100&fps=20';
const serve = (...args: string[]) => FlimdProcess.start(['serve', '--port', '0', '--camera', small, ...args]);
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 30_000 });
const post = (url: string, verb: string) => fetch(`${url}/api/v1/${verb}`, { method: 'POST' });

describe('flimd serve', () => {
  it('drains on SIGTERM, tells clients the counters of the run, and exits 0', async () => {
    const daemon = await serve();
    const client = connectClient(daemon.ready.url);
    const last = await nextFrame(client, ({ frame }) => frame >= 3);
    let newest = last.frame;
    client.on('frame', ({ frame }) => (newest = Math.max(newest, frame)));
    const ended = client.once('end');
    const status = daemon.stop('SIGTERM');
    const end: EndMessage = await ended;
    client.close();
    expect(await status).toBe(0);
    expect(end.reason).toBe('stopped');
    expect(end.conservation).toHaveLength(2);
    expect(end.conservation.every(({ holds }) => holds)).toBe(true);
    expect(end.counters).toMatchObject({ packetsLost: 0, framesRejected: 0, framesPartial: 0 });
    expect(end.counters.packetsSent).toBeGreaterThan(0);
    expect(newest).toBe(end.counters.framesPublished - 1);
  });

  it('goes through its verbs, and refuses the wrong ones with what is possible', async () => {
    const { ready } = await serve('--no-start');
    const state = async () => ((await (await fetch(`${ready.url}/api/v1/status`)).json()) as any).state.name;
    expect(await state()).toBe('idle');
    const early = await post(ready.url, 'start');
    expect(early.status).toBe(409);
    expect(((await early.json()) as any).error).toMatchObject({
      code: 'FLIMD_E_STATE',
      value: { state: 'idle', verb: 'start' },
      expected: expect.stringContaining('arm'),
    });
    expect((await post(ready.url, 'arm')).status).toBe(200);
    expect(await state()).toBe('armed');
    expect((await post(ready.url, 'arm')).status).toBe(409);
    expect((await post(ready.url, 'start')).status).toBe(200);
    expect(await state()).toBe('acquiring');
    expect((await post(ready.url, 'abort')).status).toBe(200);
    expect((await post(ready.url, 'arm')).status).toBe(200);
    expect((await post(ready.url, 'start')).status).toBe(200);
    expect((await post(ready.url, 'stop')).status).toBe(200);
    expect(await state()).toBe('idle');
  });

  it('ends a series at its frame limit with every frame delivered', async () => {
    const daemon = await serve('--frames', '7', '--no-start');
    const client = connectClient(daemon.ready.url);
    await client.once('status');
    const frames: number[] = [];
    client.on('frame', ({ frame }) => frames.push(frame));
    const ended = client.once('end');
    await client.arm();
    await client.start();
    const end = await ended;
    client.close();
    expect(end.reason).toBe('completed');
    expect(frames).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(end.counters).toMatchObject({ framesReceived: 7, framesPublished: 7, framesMissing: 0 });
  });

  it('says so when another instance has the port', async () => {
    const { ready } = await serve();
    const second = run('serve', '--port', new URL(ready.url).port, '--json');
    expect(second.status).toBe(1);
    expect(JSON.parse(second.stderr.trim().split('\n').at(-1)!).error).toMatchObject({
      code: 'FLIMD_E_PORT_IN_USE',
    });
  });

  it('starts a new series when the camera comes back', { timeout: 60_000 }, async () => {
    const listen = ['sim', '--width', '32', '--height', '32', '--fps', '20', '--listen'];
    const camera = await FlimdProcess.start([...listen, 'tcp:127.0.0.1:0']);
    const daemon = await FlimdProcess.start(['serve', '--port', '0', '--camera', camera.ready.uri]);
    const client = connectClient(daemon.ready.url);
    const before = await nextFrame(client);
    const ended = client.once('end');
    await camera.stop('SIGKILL');
    expect((await ended).reason).toBe('linkLost');
    expect((await client.status()).state.name).toBe('disconnected');
    await FlimdProcess.start([...listen, camera.ready.uri]);
    const after = await nextFrame(client, ({ series }) => series !== before.series);
    client.close();
    expect(after.series).toBeGreaterThan(before.series);
  });

  it('waits for a camera that is not there, says so, and still ends with 0', async () => {
    const daemon = await FlimdProcess.start(['serve', '--port', '0', '--camera', 'tcp:127.0.0.1:1']);
    const refused = await post(daemon.ready.url, 'start');
    expect(refused.status).toBe(409);
    expect(((await refused.json()) as any).error.message).toMatch(
      /disconnected \(nothing listens at tcp:127\.0\.0\.1:1\)/,
    );
    expect(await daemon.stop()).toBe(0);
  });

  it('lets the host compute by itself where the camera cannot, and says so', async () => {
    const daemon = await FlimdProcess.start([
      'serve',
      '--port',
      '0',
      '--camera',
      `${small}&outputs=histograms`,
    ]);
    const client = connectClient(daemon.ready.url);
    const frame = await nextFrame(client);
    const { lifetime } = await client.status();
    client.close();
    expect(frame.source).toBe('host');
    expect(lifetime).toMatchObject({
      mode: 'device',
      source: 'host',
      reason: expect.stringContaining('no network'),
    });
  });

  it('does not name a model package that is not what the camera computes with', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flimd-foreign-'));
    const { timing, network: shipped } = await loadModelPackage(path.join(shippedModels, 'cells-12.5ns-32'));
    const network = { ...shipped, minPhotons: 33 };
    const record = { name: 'foreign', description: 'for a test', training: {}, accuracy: {} };
    const foreign = await writeModelPackage(folder, { ...record, network, timing });
    const daemon = await serve('--camera', `${small}&model=${folder}`, '--model', 'cells-12.5ns-32');
    const client = connectClient(daemon.ready.url);
    const frame = await nextFrame(client);
    const { model, lifetime } = await client.status();
    client.close();
    rmSync(folder, { recursive: true });
    expect(frame).toMatchObject({ source: 'device', modelHash: foreign.hash.slice(0, 16) });
    expect(model).toBeNull();
    expect(lifetime.reason).toContain(foreign.hash.slice(0, 16));
  });

  it.each([
    ['another bin width', 'bins=50&binWidthPs=200', 'FLIMD_E_MODEL_BIN_WIDTH'],
    ['a window that is too short', 'bins=32&binWidthPs=195.3125', 'FLIMD_E_MODEL_GATES'],
    ['another laser period', 'laserPeriodPs=20000', 'FLIMD_E_MODEL_LASER_PERIOD'],
  ])('refuses to arm a model that does not fit: %s', async (_, options, code) => {
    const camera = `${small}&outputs=histograms&${options}`;
    const daemon = await serve('--camera', camera, '--model', 'cells-12.5ns-32', '--no-start');
    const armed = await post(daemon.ready.url, 'arm');
    expect(armed.status).toBeGreaterThanOrEqual(400);
    expect(((await armed.json()) as any).error).toMatchObject({ code, expected: expect.any(String) });
    expect(((await (await fetch(`${daemon.ready.url}/api/v1/status`)).json()) as any).state.name).toBe(
      'idle',
    );
  });
});

describe('the command line', () => {
  it.each([
    [['serve', '--camera', 'smi:'], 'FLIMD_E_URI'],
    [['serve', '--camera', 'sim:widht=3'], 'FLIMD_E_CONFIG'],
    [['serve', '--port', 'high'], 'FLIMD_E_CONFIG'],
    [['serve', '--set', 'stream.maxClient=3'], 'FLIMD_E_CONFIG'],
    [['serve', '--host', '0.0.0.0'], 'FLIMD_E_BIND_NEEDS_TOKEN'],
    [['serve', '--config', '/no/such/file.yaml'], 'FLIMD_E_CONFIG'],
    [['serve', '--model', 'nonsense'], 'FLIMD_E_MODEL_NOT_FOUND'],
    [['sim', '--listen', 'udp:1.2.3.4:5'], 'FLIMD_E_URI'],
  ])('%j ends with 2 and a typed error', (args, code) => {
    const { status, stderr } = run(...args, '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!).error.code).toBe(code);
  });

  it('names file, line and the nearest key of a wrong configuration', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flimd-config-'));
    const file = path.join(folder, 'lab.yaml');
    writeFileSync(file, 'server:\n  prot: 8000\n');
    const { status, stderr } = run('serve', '--config', file);
    rmSync(folder, { recursive: true });
    expect(status).toBe(2);
    expect(stderr).toMatch(/lab\.yaml:2/);
    expect(stderr).toMatch(/port/);
  });

  it.each(['serve', 'sim', 'record', 'inspect', 'devices', 'model', 'bench'])(
    '%s --help shows examples',
    (command) => {
      const { status, stdout } = run(command, '--help');
      expect(status).toBe(0);
      expect(stdout).toMatch(/Examples:/);
    },
  );
});
