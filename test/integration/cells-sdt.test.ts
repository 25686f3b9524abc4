import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LifetimeFrame } from '../../src/client/index.js';
import type { LifetimeMode } from '../../src/protocol/stream.js';
import { connectClient, FlimdProcess, nextFrame } from '../support/flimd-process.js';
import { readNpz } from '../../src/recording/npz.js';
import { median, rankCorrelation } from '../../src/evaluation/statistics.js';

const folder = path.resolve(import.meta.dirname, '../../../shared/data/cells-sdt');
const present = existsSync(folder);
if (!present) console.log(`skipped: the recording cells-sdt is not at ${folder}`);

/** 76 MHz, see the README of the recording. */
const LASER_PERIOD_PS = 13157.895;
const NUCLEUS = 1;
const CYTOPLASM = 2;

interface Reference {
  mask: ArrayLike<number>;
  region: ArrayLike<number>;
  tauAmpNs: ArrayLike<number>;
  tauIntNs: ArrayLike<number>;
}

/** One frame of the recording, full photon count, from a camera process over TCP to a client of a daemon process. */
async function measure(camera: string, lifetime: LifetimeMode): Promise<LifetimeFrame> {
  const daemon = await FlimdProcess.start([
    'serve',
    '--camera',
    camera,
    '--lifetime',
    lifetime,
    '--port',
    '0',
  ]);
  const client = connectClient(daemon.ready.url);
  try {
    const frame = await nextFrame(client, ({ complete }) => complete);
    const { lastRun, series, lifetime: figures } = await client.status();
    expect(lastRun).toBeNull();
    expect(series!.counters.packetsLost).toBe(0);
    if (lifetime === 'shadow') expect(figures.shadow).toMatchObject({ mismatchedPixels: 0 });
    await client.stop();
    const ended = (await client.status()).lastRun!;
    expect(ended.reason).toBe('stopped');
    expect(ended.conservation.map(({ holds }) => holds)).toEqual([true, true]);
    return frame;
  } finally {
    client.close();
    expect(await daemon.stop()).toBe(0);
  }
}

describe.skipIf(!present)('the recording cells-sdt over TCP', () => {
  let reference: Reference;
  let camera: FlimdProcess;

  beforeAll(async () => {
    const maps = await readNpz(path.join(folder, 'reference.npz'));
    reference = {
      mask: maps.mask!.data,
      region: maps.region!.data,
      tauAmpNs: maps.tau_amp_ns!.data,
      tauIntNs: maps.tau_int_ns!.data,
    };
    const file = path.join(folder, 'tcspc.sdt.zip');
    camera = await FlimdProcess.start([
      ...['sim', '--listen', 'tcp:127.0.0.1:0', '--fps', '4'],
      ...['--file', file, '--laser-period-ps', String(LASER_PERIOD_PS)],
    ]);
    return async () => void (await camera.stop());
  });
  afterEach(() => expect(camera.child.exitCode).toBeNull());

  it(
    'gives the lifetimes of the reference, the same bits by device and host',
    { timeout: 120_000 },
    async () => {
      const device = await measure(camera.ready.uri, 'device');
      const host = await measure(camera.ready.uri, 'host');
      const shadow = await measure(camera.ready.uri, 'shadow');
      expect([device.source, host.source, shadow.source]).toEqual(['device', 'host', 'device']);
      expect(host.modelHash).toBe(device.modelHash);
      expect(shadow.mismatchedPixels).toBe(0);
      for (const name of ['meanLifetimeAmplitude', 'meanLifetimeIntensity', 'photons']) {
        expect(Buffer.compare(bytes(host.planes[name]!), bytes(device.planes[name]!)), name).toBe(0);
      }
      compareWithReference(host, reference);
    },
  );
});

function bytes(plane: NodeJS.TypedArray): Buffer {
  return Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength);
}

function compareWithReference(frame: LifetimeFrame, reference: Reference): void {
  const amplitude = compare(frame.planes.meanLifetimeAmplitude!, reference.tauAmpNs, reference);
  const intensity = compare(frame.planes.meanLifetimeIntensity!, reference.tauIntNs, reference);
  console.log('cells-sdt, ns:', JSON.stringify({ tau_amp: amplitude, tau_int: intensity }, rounded, 1));
  for (const [{ nucleus, cytoplasm, ratio, rankCorrelation: rank, invalid }, tolerance] of [
    [amplitude, 0.07],
    [intensity, 0.05],
  ] as const) {
    expect(Math.abs(nucleus.found / nucleus.expected - 1)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(cytoplasm.found / cytoplasm.expected - 1)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(ratio.found - ratio.expected)).toBeLessThanOrEqual(0.04);
    expect(rank).toBeGreaterThanOrEqual(0.8);
    expect(invalid).toBeLessThanOrEqual(0.01);
  }
}

const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(4)) : value);

/** Medians per region over trusted pixels, and the rank correlation over all trusted pixels. */
function compare(foundPs: ArrayLike<number>, expectedNs: ArrayLike<number>, { mask, region }: Reference) {
  const trusted = Array.from(mask, (_, pixel) => pixel).filter((pixel) => mask[pixel]);
  const valid = trusted.filter((pixel) => foundPs[pixel]! > 0);
  const of = (wanted: number) => {
    const pixels = valid.filter((pixel) => region[pixel] === wanted);
    return {
      found: median(pixels.map((pixel) => foundPs[pixel]! / 1000)),
      expected: median(pixels.map((pixel) => expectedNs[pixel]!)),
    };
  };
  const nucleus = of(NUCLEUS);
  const cytoplasm = of(CYTOPLASM);
  return {
    nucleus,
    cytoplasm,
    ratio: { found: nucleus.found / cytoplasm.found, expected: nucleus.expected / cytoplasm.expected },
    rankCorrelation: rankCorrelation(
      valid.map((pixel) => foundPs[pixel]!),
      valid.map((pixel) => expectedNs[pixel]!),
    ),
    trusted: trusted.length,
    invalid: 1 - valid.length / trusted.length,
  };
}
