import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import WebSocket from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FlimdClient, type LifetimeFrame, type WebSocketConstructor } from '../../src/client/index.js';
import { writeModelPackage } from '../../src/lifetime/model-package.js';
import { type StartMessage, streamPlanes } from '../../src/protocol/stream.js';
import { Random } from '../../src/random/random.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';
import { randomNetwork } from '../support/random-network.js';

const gates = 16;
const gateFs = 12_500_000 / gates;
const allPlanes = streamPlanes.map(({ name }) => name);
const withoutErrors = ['meanLifetimeAmplitude', 'meanLifetimeIntensity', 'photons'];

/** A package whose standard errors differ from pixel to pixel, unlike constant ones. */
let model = '';
beforeAll(async () => {
  model = await mkdtemp(path.join(tmpdir(), 'flimd-errors-'));
  const shape = { gates, hidden: 8, head: 8 };
  await writeModelPackage(model, {
    name: 'random',
    description: 'for tests',
    network: { ...randomNetwork(new Random(12), shape, 'trained'), minPhotons: 20 },
    timing: {
      laserPeriodFs: 12_500_000,
      gatesFs: Array.from({ length: gates }, (_, gate) => [gate * gateFs, (gate + 1) * gateFs] as const),
    },
    training: {},
    accuracy: {},
  });
});
afterAll(() => rm(model, { recursive: true }));
afterEach(stopAll);

interface Seen {
  start: StartMessage;
  frame: LifetimeFrame;
  cameraOutputs: string[];
}

/** A whole frame of a daemon on a virtual camera, as a client of all planes sees it. */
async function see(mode: string, cameraHasErrors: boolean): Promise<Seen> {
  const scene = { width: '32', height: '32', fps: '20', photons: '60', seed: '3' };
  const camera = new URLSearchParams({ ...scene, model, standardErrors: String(cameraHasErrors) });
  const daemon = await FlimdProcess.start([
    ...['serve', '--port', '0', '--camera', `sim:${camera.toString()}`],
    ...['--model', model, '--lifetime', mode],
  ]);
  const client = FlimdClient.connect({
    url: daemon.ready.url,
    webSocket: WebSocket as unknown as WebSocketConstructor,
    planes: allPlanes,
  });
  const modest = connectClient(daemon.ready.url);
  const [start, modestStart] = await Promise.all([client.once('start'), modest.once('start')]);
  expect(modestStart.planes.map(({ name }) => name)).toEqual(withoutErrors);
  const [frame, modestFrame] = await Promise.all([
    nextFrame(client, ({ complete }) => complete),
    nextFrame(modest),
  ]);
  expect(Object.keys(modestFrame.planes)).toEqual(withoutErrors);
  client.close();
  modest.close();
  expect(await daemon.stop()).toBe(0);
  return { start, frame, cameraOutputs: start.camera.outputs };
}

/** Every pixel with a lifetime has a standard error, no other has, and they are not all the same. */
function expectErrors({ planes }: LifetimeFrame): void {
  for (const [lifetimes, errors] of [
    [planes.meanLifetimeAmplitude!, planes.standardErrorAmplitude!],
    [planes.meanLifetimeIntensity!, planes.standardErrorIntensity!],
  ] as const) {
    expect(Array.from(errors, (ps) => ps > 0)).toEqual(Array.from(lifetimes, (ps) => ps > 0));
    expect(new Set(errors).size).toBeGreaterThan(20);
    expect(errors).toContain(0);
  }
}

describe('standard errors, camera to client', () => {
  it.each(['device', 'host', 'shadow'])('come where the camera has them, mode %s', async (mode) => {
    const { start, frame, cameraOutputs } = await see(mode, true);
    expect(cameraOutputs).toEqual(['lifetimes', 'histograms', 'standardErrors']);
    expect(start.planes.map(({ name }) => name)).toEqual(allPlanes);
    expect(frame.mismatchedPixels).toBe(mode === 'shadow' ? 0 : null);
    expectErrors(frame);
  });

  it.each(['device', 'shadow'])('are left out where the camera has none, mode %s', async (mode) => {
    const { start, frame, cameraOutputs } = await see(mode, false);
    expect(cameraOutputs).toEqual(['lifetimes', 'histograms']);
    expect(start.planes.map(({ name }) => name)).toEqual(withoutErrors);
    expect(Object.keys(frame.planes)).toEqual(withoutErrors);
    expect(frame.mismatchedPixels).toBe(mode === 'shadow' ? 0 : null);
  });

  it('come from the host for a camera that has none', async () => {
    const { start, frame } = await see('host', false);
    expect(start.source).toBe('host');
    expect(start.planes.map(({ name }) => name)).toEqual(allPlanes);
    expectErrors(frame);
  });
});
