import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Decay, LifetimeFrame } from '../../src/client/index.js';
import { writeModelPackage } from '../../src/lifetime/model-package.js';
import { decodeDecay } from '../../src/lifetime/reference-decoder.js';
import { Random } from '../../src/random/random.js';
import { connectClient, FlimdProcess, stopAll } from '../support/flimd-process.js';
import { randomDecoder } from '../support/random-decoder.js';
import { randomNetwork } from '../support/random-network.js';

const gates = 16;
const gateFs = 12_500_000 / gates;
const network = {
  ...randomNetwork(new Random(12), { gates, hidden: 8, head: 8 }, 'trained'),
  minPhotons: 20,
};
const decoder = { ...randomDecoder(new Random(13), 8, 'trained'), stepFs: gateFs, zeroFs: 1_500_000 };
const folders: string[] = [];

async function packageWith(decoding: typeof decoder | null): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flimd-decaying-'));
  folders.push(folder);
  await writeModelPackage(folder, {
    name: decoding ? 'decoding' : 'plain',
    description: 'for tests',
    network,
    timing: {
      laserPeriodFs: 12_500_000,
      gatesFs: Array.from({ length: gates }, (_, gate) => [gate * gateFs, (gate + 1) * gateFs] as const),
    },
    decoder: decoding,
    training: {},
    accuracy: {},
  });
  return folder;
}

let [decoding, plain] = ['', ''];
beforeAll(async () => {
  decoding = await packageWith(decoder);
  plain = await packageWith(null);
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));
afterEach(stopAll);

const serve = (model: string, ...args: string[]) => serveCamera('', model, ...args);
const serveCamera = (options: string, model: string, ...args: string[]) => {
  const camera = `sim:width=32&height=32&photons=100&fps=20&seed=3&model=${model}${options}`;
  return FlimdProcess.start(['serve', '--port', '0', '--camera', camera, '--model', model, ...args]);
};

/** What the decoder makes of these counts. */
function decoded({ counts }: Decay): number[] {
  const perGate = counts.length / gates;
  const inGates = Uint32Array.from({ length: gates }, (_, gate) =>
    counts.subarray(gate * perGate, (gate + 1) * perGate).reduce((sum, count) => sum + count, 0),
  );
  return Array.from(decodeDecay(network, decoder, inGates)!, (value) => value / 8192);
}

it.each(['host', 'device'])('a watched region comes with its deconvolved decay (%s)', async (mode) => {
  const daemon = await serve(decoding, '--lifetime', mode);
  const client = connectClient(daemon.ready.url);
  const start = await client.once('start');
  expect(start).toMatchObject({ source: mode, deconvolvedReason: null });
  const frames = new Map<number, LifetimeFrame>();
  client.on('frame', (frame) => frames.set(frame.frame, frame));
  client.watch({ x: 10, y: 12, width: 4, height: 3 });
  const decay = await client.once('decay');
  client.close();

  expect(decay).toMatchObject({ x: 10, y: 12, width: 4, height: 3, deconvolvedReason: null });
  const photons = decay.counts.reduce((sum, count) => sum + count, 0);
  const values = decoded(decay);
  expect(new Set(values).size).toBeGreaterThan(3);
  expect(decay.deconvolved).toEqual({ startPs: 1500, stepPs: 781.25, values, frames: 1, photons });

  // The counts are those of the frame: its photons in the gates, which leave no bin out.
  let inRegion = 0;
  for (let y = 12; y < 15; y++) {
    for (let x = 10; x < 14; x++) inRegion += frames.get(decay.frame)!.planes.photons![y * 32 + x]!;
  }
  expect(photons).toBe(inRegion);
});

it('says in words that a package has no decoder', async () => {
  const daemon = await serve(plain, '--lifetime', 'host');
  const client = connectClient(daemon.ready.url);
  const { deconvolvedReason } = await client.once('start');
  client.watch({ x: 10, y: 12 });
  const decay = await client.once('decay');
  client.close();
  expect(deconvolvedReason).toContain('plain has no decoder');
  expect(decay).toMatchObject({ width: 1, height: 1, deconvolved: null, deconvolvedReason });
});

it('says in words that the histograms stay in the camera', async () => {
  const daemon = await serve(decoding, '--lifetime', 'device', '--set', 'acquisition.histograms=false');
  const client = connectClient(daemon.ready.url);
  const start = await client.once('start');
  client.close();
  expect(start.deconvolvedReason).toContain('acquisition.histograms');
});

it('does not ask for the histograms of a camera that has none to send', async () => {
  const daemon = await serveCamera('&outputs=lifetimes', decoding, '--lifetime', 'device');
  const client = connectClient(daemon.ready.url);
  const start = await client.once('start');
  client.close();
  expect(start.deconvolvedReason).toBe('this camera sends lifetimes only: its histograms stay in it');
});
