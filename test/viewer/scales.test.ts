import { describe, expect, it } from 'vitest';
import {
  autoLifetimeRange,
  autoPhotonRange,
  FrameDistribution,
  quantile,
  roundUp,
  settle,
} from '../../viewer/src/distribution.js';
import { niceStep, rebin } from '../../viewer/src/scale-drawing.js';
import { Scales } from '../../viewer/src/scales.js';
import { defaultSettings } from '../../viewer/src/settings.js';

/** One row of pixels. */
function distributionOf(lifetime: number[], photons: number[], rows = 1): FrameDistribution {
  const distribution = new FrameDistribution();
  distribution.measure({
    width: lifetime.length / rows,
    height: rows,
    lifetime: Uint16Array.from(lifetime),
    error: null,
    photons: Uint32Array.from(photons),
    rowsValid: rows === 2 ? Uint8Array.of(1, 0) : null,
  });
  return distribution;
}

describe('FrameDistribution', () => {
  it('weighs lifetimes by photons and leaves out pixels without one', () => {
    const { lifetime, photons } = distributionOf([1000, 3000, 0, 3000], [10, 90, 500, 10]);
    expect(lifetime.total).toBe(110);
    expect(lifetime.weights[Math.floor(3000 / 16)]).toBe(100);
    expect(photons.total).toBe(4);
  });

  it('leaves out rows that are missing', () => {
    const { lifetime, brightest } = distributionOf([1000, 2000, 3000, 4000], [1, 2, 300, 400], 2);
    expect(lifetime.total).toBe(3);
    expect(brightest).toBe(2);
  });

  it('starts afresh with every frame', () => {
    const distribution = distributionOf([1000], [10]);
    const again = { width: 1, height: 1, lifetime: Uint16Array.of(2000), photons: Uint32Array.of(3) };
    distribution.measure({ ...again, error: null, rowsValid: null });
    expect(distribution.lifetime.total).toBe(3);
  });

  it('takes very bright pixels and very long lifetimes', () => {
    const { photons, lifetime } = distributionOf([65_535, 100], [1_048_576, 1]);
    expect(photons.total).toBe(2);
    expect(lifetime.weights.at(-1)).toBe(1_048_576);
  });
});

describe('automatic ranges', () => {
  it('hold nearly all photons', () => {
    const lifetimes = Array.from({ length: 1000 }, (_, i) => 1000 + 2 * i);
    const range = autoLifetimeRange(distributionOf(lifetimes, Array<number>(1000).fill(5)))!;
    expect(range.min).toBeGreaterThanOrEqual(950);
    expect(range.min).toBeLessThanOrEqual(1040);
    expect(range.max).toBeGreaterThanOrEqual(2950);
    expect(range.max).toBeLessThanOrEqual(3050);
  });

  it('do not collapse where all lifetimes are one', () => {
    const range = autoLifetimeRange(distributionOf([2000, 2000], [50, 50]))!;
    expect(range.max - range.min).toBeGreaterThanOrEqual(200);
  });

  it('are unknown without any lifetime', () => {
    expect(autoLifetimeRange(distributionOf([0, 0], [5, 5]))).toBeNull();
  });

  it('of photons leave the brightest few aside', () => {
    const photons = Array.from({ length: 1000 }, (_, i) => (i < 10 ? 5000 : 100));
    expect(autoPhotonRange(distributionOf(Array<number>(1000).fill(0), photons))!.max).toBeLessThan(200);
  });

  it('stand still while the noise moves them a little', () => {
    const range = { min: 1000, max: 3000 };
    expect(settle(range, { min: 1150, max: 2850 })).toBe(range);
    expect(settle(range, { min: 1250, max: 3000 })).toEqual({ min: 1250, max: 3000 });
    expect(settle(null, range)).toBe(range);
  });
});

describe('Scales', () => {
  const distribution = distributionOf([1000, 3000], [100, 100]);

  it('prefer what was set by hand', () => {
    const scales = new Scales();
    scales.follow(distribution, 5000);
    const lifetimeRange = { min: 500, max: 600 };
    expect(scales.ranges({ ...defaultSettings, lifetimeRange }).lifetime).toBe(lifetimeRange);
    expect(scales.ranges(defaultSettings).lifetime.max).toBeGreaterThanOrEqual(3000);
  });

  it('reach as far as the model, and as any range', () => {
    const scales = new Scales();
    scales.follow(distribution, 5000);
    const ranges = scales.ranges(defaultSettings);
    expect(scales.reach(ranges).lifetime).toBe(5000);
    expect(scales.reach({ ...ranges, lifetime: { min: 0, max: 9000 } }).lifetime).toBe(9000);
    expect(scales.reach(ranges).photons).toBeGreaterThanOrEqual(ranges.photons.max);
  });
});

describe('numbers of a scale', () => {
  it('quantile interpolates within a bin', () => {
    const histogram = { binWidth: 10, weights: Float64Array.of(0, 4, 0, 4), total: 8 };
    expect(quantile(histogram, 0.25)).toBe(15);
    expect(quantile(histogram, 0.5)).toBe(20);
    expect(quantile(histogram, 1)).toBe(40);
    expect(quantile({ ...histogram, total: 0 }, 0.5)).toBeNull();
  });

  it('rebin keeps the weight, whatever the widths', () => {
    const histogram = {
      binWidth: 16,
      weights: Float64Array.from({ length: 100 }, (_, i) => i % 9),
      total: 0,
    };
    const total = histogram.weights.reduce((sum, weight) => sum + weight);
    const columns = rebin(histogram, 37, 1600);
    expect(columns).toHaveLength(37);
    expect(columns.reduce((sum, weight) => sum + weight)).toBeCloseTo(total, 6);
    expect(rebin({ ...histogram, weights: new Float64Array(100).fill(1) }, 50, 1600)).toEqual(
      Array<number>(50).fill(2),
    );
  });

  it('roundUp and niceStep give round numbers', () => {
    expect([7, 12, 123, 3650].map(roundUp)).toEqual([7, 12, 130, 3700]);
    expect([0.3, 1, 3, 7, 130].map(niceStep)).toEqual([0.5, 1, 5, 10, 200]);
  });
});
