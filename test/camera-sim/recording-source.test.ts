import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhotonSource } from '../../src/camera-sim/frame-renderer.js';
import { defaultSimOptions } from '../../src/camera-sim/options.js';
import { Random } from '../../src/random/random.js';
import { createRecordingSource } from '../../src/camera-sim/recording-source.js';
import { writeSdt } from '../support/sdt-file.js';

const size = { width: 9, height: 7, bins: 16 };
const random = new Random(5);
// Some pixels empty, some of a single photon.
const recorded = Uint16Array.from({ length: size.width * size.height * size.bins }, (_, i) => {
  const pixel = Math.floor(i / size.bins);
  if (pixel % 11 === 0) return 0;
  if (pixel % 11 === 1) return i % size.bins === 3 ? 1 : 0;
  return random.below(40);
});
const total = recorded.reduce((sum, count) => sum + count, 0);
const meanPhotons = total / (size.width * size.height);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flimd-'));
  await writeFile(path.join(folder, 'a.sdt'), writeSdt({ ...size, channels: [recorded] }));
});
afterAll(() => rm(folder, { recursive: true }));

const open = (changes: object = {}) =>
  createRecordingSource({
    ...defaultSimOptions(),
    file: path.join(folder, 'a.sdt'),
    laserPeriodPs: 13_157.895,
    ...changes,
  });

function expose(source: PhotonSource, frame: number, bandRows = source.height): Uint16Array {
  const histograms = new Uint16Array(recorded.length).fill(9);
  const tally = { total: 0, peak: 0 };
  source.begin(frame);
  for (let row = 0; row < source.height; row += bandRows) {
    source.expose(row, Math.min(bandRows, source.height - row), histograms, tally);
  }
  expect(tally.total).toBe(histograms.reduce((sum, count) => sum + count, 0));
  return histograms;
}

describe('replaying a recording', () => {
  it('brings size and bins along and shows the whole in every frame', async () => {
    const source = await open();
    expect(source).toMatchObject({ ...size, binWidthPs: 781.25, laserPeriodPs: 13_157.895 });
    expect(expose(source, 0)).toEqual(recorded);
    expect(expose(source, 7, 2)).toEqual(recorded);
  });

  it('needs the laser period, which no recording holds, and says so', async () => {
    await expect(open({ laserPeriodPs: null })).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      details: {
        expected: expect.stringContaining('80010000 pulses per second'),
        action: expect.stringContaining('laserPeriodPs='),
      },
    });
    await expect(open({ laserPeriodPs: 9000 })).rejects.toMatchObject({ details: { value: 9000 } });
  });

  it('deals every photon out exactly once in a pass', async () => {
    const frames = 8;
    const source = await open({ photons: meanPhotons / frames });
    for (const pass of [0, 1, 5]) {
      const sum = new Uint16Array(recorded.length);
      for (let frame = pass * frames; frame < (pass + 1) * frames; frame++) {
        expose(source, frame).forEach((count, i) => (sum[i]! += count));
      }
      expect(sum).toEqual(recorded);
    }
  });

  it('deals them out differently in another pass', async () => {
    const source = await open({ photons: meanPhotons / 4 });
    expect(expose(source, 4)).not.toEqual(expose(source, 0));
  });

  it('gives every pixel its share, so that brightness stays', async () => {
    const source = await open({ photons: meanPhotons / 5 });
    const frame = expose(source, 3);
    for (let pixel = 0; pixel < size.width * size.height; pixel++) {
      const at = pixel * size.bins;
      const photons = (counts: Uint16Array) =>
        counts.subarray(at, at + size.bins).reduce((sum, count) => sum + count, 0);
      expect(Math.abs(photons(frame) - photons(recorded) / 5)).toBeLessThan(1);
    }
  });

  it('takes photons at random, not in the order of their bins', async () => {
    // Of a tenth of the photons, the mean bin is that of all, within its standard error.
    const source = await open({ photons: meanPhotons / 10 });
    const meanBin = (counts: Uint16Array) =>
      counts.reduce((sum, count, i) => sum + count * (i % size.bins), 0) /
      counts.reduce((sum, count) => sum + count, 0);
    const standardError = size.bins / Math.sqrt(12 * (total / 10));
    for (const frame of [0, 4, 9, 13]) {
      expect(Math.abs(meanBin(expose(source, frame)) - meanBin(recorded))).toBeLessThan(5 * standardError);
    }
  });

  it('repeats from the seed alone, whatever came before', async () => {
    const options = { photons: meanPhotons / 3.7, seed: 12 };
    const source = await open(options);
    const frame = expose(source, 30);
    expose(source, 2);
    expect(expose(source, 30, 3)).toEqual(frame);
    expect(expose(await open(options), 30)).toEqual(frame);
    expect(expose(await open({ ...options, seed: 13 }), 30)).not.toEqual(frame);
  });

  it('refuses more photons than there are', async () => {
    await expect(open({ photons: meanPhotons * 1.01 })).rejects.toMatchObject({ code: 'FLIMD_E_CONFIG' });
  });
});
