import { describe, expect, it } from 'vitest';
import { sumFrames } from '../../src/export/frame-sum.js';
import { describeMap, type Measurement } from '../../src/export/measurement.js';
import type { StreamPlane } from '../../src/protocol/stream.js';
import { noProgress } from './export-fixture.js';

type Frame = Record<'meanLifetimeAmplitude' | 'standardErrorAmplitude' | 'photons', number> & {
  bin?: number;
};

/** One pixel of one bin. */
function onePixel(frames: Frame[], histograms: 16 | 32 = 16): Measurement {
  const names: StreamPlane[] = ['meanLifetimeAmplitude', 'standardErrorAmplitude', 'photons'];
  return {
    about: { file: 'x', width: 1, height: 1, bins: 1, binWidthPs: 1, laserPeriodPs: null, notes: {} },
    maps: names.map((name) => describeMap(name, '')),
    histogramBits: histograms,
    frames: frames.map((_, number) => ({
      ...{ number, startS: number, exposureS: 0.5, unixTimeMs: number, complete: number !== 1 },
      rowsValid: Uint8Array.of(number === 1 ? 0 : 1),
    })),
    map: (name, frame) => Uint32Array.of(frames[frame]![name as keyof Frame]!),
    histograms: (frame) => Uint32Array.of(frames[frame]!.bin ?? 0),
  };
}

const frame = (tau: number, sigma: number, photons: number, bin = 0): Frame => ({
  meanLifetimeAmplitude: tau,
  standardErrorAmplitude: sigma,
  photons,
  bin,
});
const both = { maps: true, histograms: true };

describe('the sum of frames', () => {
  it('weights lifetimes by their photons and leaves out frames without one', async () => {
    const sum = await sumFrames(
      onePixel([frame(1000, 30, 100, 7), frame(0, 0, 5, 1), frame(3000, 40, 300, 60_000)]),
      both,
      noProgress,
    );
    expect([...sum.map('meanLifetimeAmplitude', 0)]).toEqual([2500]);
    // √((100 · 30)² + (300 · 40)²) / 400 = 30.9
    expect([...sum.map('standardErrorAmplitude', 0)]).toEqual([31]);
    expect([...sum.map('photons', 0)]).toEqual([405]);
    expect([...sum.histograms(0)]).toEqual([60_008]);
    expect(sum.histogramBits).toBe(32);
    expect(sum.frames).toEqual([
      { number: 0, startS: 0, exposureS: 1.5, unixTimeMs: 0, complete: false, rowsValid: Uint8Array.of(1) },
    ]);
  });

  it('is invalid where no frame has a lifetime, and has an error of at least 1 ps where one has', async () => {
    const dark = await sumFrames(onePixel([frame(0, 0, 5), frame(0, 0, 0)]), both, noProgress);
    expect([...dark.map('meanLifetimeAmplitude', 0), ...dark.map('photons', 0)]).toEqual([0, 5]);
    const many = Array.from({ length: 100 }, () => frame(2000, 2, 1000));
    const bright = await sumFrames(onePixel(many), both, noProgress);
    expect([...bright.map('standardErrorAmplitude', 0)]).toEqual([1]);
  });

  it('says so where it does not fit', async () => {
    const limit = { code: 'FLIMD_E_EXPORT_LIMIT' };
    const photons = onePixel([frame(1, 1, 0xffff_ffff), frame(1, 1, 1)]);
    await expect(sumFrames(photons, both, noProgress)).rejects.toMatchObject(limit);
    const counts = onePixel([frame(1, 1, 1, 0xffff_ffff), frame(1, 1, 1, 1)], 32);
    await expect(sumFrames(counts, both, noProgress)).rejects.toMatchObject(limit);
  });
});
