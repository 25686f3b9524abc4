import { describe, expect, it } from 'vitest';
import { measureEstimator, monoPrecision } from '../support/measure.js';
import { exactPrior } from './known-decays.js';

const prior = exactPrior({ mono: 1, tauPs: [1000, 3000] });
const middle = { tauAmplitudePs: 2000, tauIntensityPs: 2000 };

describe('measuring an estimator', () => {
  it('gives the spread of the prior to one that always says its middle', () => {
    const { tauAmplitude, tauIntensity, valid } = measureEstimator(() => middle, prior, 100, 4000, 1);
    expect(valid).toBe(1);
    expect(Math.abs(tauAmplitude.rmsePs - 2000 / Math.sqrt(12))).toBeLessThan(15);
    expect(Math.abs(tauAmplitude.maePs - 500)).toBeLessThan(15);
    expect(Math.abs(tauAmplitude.biasPs)).toBeLessThan(30);
    expect(tauIntensity.rmsePs).toBeCloseTo(tauAmplitude.rmsePs, 6);
  });

  it('tells the two means apart, and which way an estimator errs', () => {
    const high = { tauAmplitudePs: 2300, tauIntensityPs: 1900 };
    const [even, off] = [middle, high].map((said) => measureEstimator(() => said, prior, 100, 500, 1));
    expect(off!.tauAmplitude.biasPs - even!.tauAmplitude.biasPs).toBeCloseTo(300, 6);
    expect(off!.tauIntensity.biasPs - even!.tauIntensity.biasPs).toBeCloseTo(-100, 6);
  });

  it('takes the same pixels for the same seed', () => {
    const seen = (seed: number): string[] => {
      const pixels: string[] = [];
      measureEstimator((counts) => (pixels.push(counts.join()), null), prior, 100, 5, seed);
      return pixels;
    };
    expect(seen(1)).toEqual(seen(1));
    expect(seen(1)).not.toEqual(seen(2));
  });

  it('leaves pixels without an estimate out, and says how many', () => {
    let pixel = 0;
    const everySecond = () => (pixel++ % 2 === 0 ? middle : null);
    expect(measureEstimator(everySecond, prior, 100, 400, 1).valid).toBe(0.5);
    expect(monoPrecision(everySecond, prior, 2000, 100, 0, 400, 1)).toMatchObject({ valid: 0.5, biasPs: 0 });
  });
});

describe('the precision for one lifetime', () => {
  it('is that of a count: photons in the gates spread by their square root', () => {
    const photonsAsLifetime = (counts: Uint32Array) => {
      const photons = counts.reduce((sum, count) => sum + count, 0);
      return { tauAmplitudePs: photons, tauIntensityPs: photons };
    };
    const { biasPs, standardDeviationPs, rmsePs, f } = monoPrecision(
      photonsAsLifetime,
      prior,
      900,
      1000,
      0.1,
      4000,
      1,
    );
    expect(Math.abs(biasPs - 100)).toBeLessThan(2);
    expect(Math.abs(standardDeviationPs - Math.sqrt(1000))).toBeLessThan(1.2);
    expect(rmsePs ** 2).toBeCloseTo(biasPs ** 2 + standardDeviationPs ** 2, 6);
    expect(f).toBeCloseTo((standardDeviationPs / 900) * Math.sqrt(1000), 9);
  });
});
