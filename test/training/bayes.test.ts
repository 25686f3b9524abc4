import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { type AccuracyRow, measureAccuracy } from '../../src/training/accuracy.js';
import { PosteriorMean } from '../../src/training/bayes.js';
import { type DecayPrior, DecaySource } from '../../src/training/decays.js';
import { testPrior } from './test-prior.js';

/** RMSE of the posterior mean, ps. */
function bayesErrors(
  prior: DecayPrior,
  photons: number,
  samples: number,
  pixels: number,
): AccuracyRow['rmsePs'] {
  const posterior = new PosteriorMean(new DecaySource(prior), photons, samples, new Random(1, 1));
  return measureAccuracy((counts) => posterior.of(counts), prior, photons, pixels, 2).rmsePs;
}

describe('the Bayes limit', () => {
  const exact = { background: [0, 0], irfJitterPs: 0, irfWidthJitter: 0, mono: 1 } as const;

  it('is the spread of the prior where there are no photons', () => {
    const prior = testPrior({ ...exact, tauPs: [1000, 3000] });
    const { meanLifetimeAmplitude } = bayesErrors(prior, 1e-9, 5000, 3000);
    expect(Math.abs(meanLifetimeAmplitude - 2000 / Math.sqrt(12))).toBeLessThan(15);
  });

  it('comes to the Cramér–Rao bound where there are many', () => {
    // Field notes §2: F = 1.02 to 1.06 for 1 to 2 ns, 16 gates, no background; here within a narrow range of 1.5 ns.
    const prior = testPrior({ ...exact, tauPs: [1200, 1800] });
    const { meanLifetimeAmplitude, meanLifetimeIntensity } = bayesErrors(prior, 4000, 20_000, 2000);
    const f = (meanLifetimeAmplitude / 1500) * Math.sqrt(4000);
    expect(f).toBeGreaterThan(0.97);
    expect(f).toBeLessThan(1.12);
    expect(meanLifetimeIntensity).toBeCloseTo(meanLifetimeAmplitude, 6);
  });
});
