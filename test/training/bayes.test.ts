import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { type AccuracyRow, measureAccuracy } from '../../src/training/accuracy.js';
import { PosteriorMean } from '../../src/training/bayes.js';
import { type DecayPrior, DecaySource, drawCounts } from '../../src/training/decays.js';
import { irfNodes } from '../../src/training/irf.js';
import { WrappedDecay } from '../../src/training/wrapped-decay.js';
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

describe('the posterior mean of all that there is to find', () => {
  const exact = { background: [0, 0], irfJitterPs: 0, irfWidthJitter: 0 } as const;

  it('is the mean of the prior where there are no photons', () => {
    const prior = testPrior({ ...exact, mono: 0, tauPs: [1000, 4000] });
    const posterior = new PosteriorMean(new DecaySource(prior), 100, 20_000, new Random(5));
    const { tau1Ps, tau2Ps, fraction1, tauIntensityPs } = posterior.of(new Uint32Array(16));
    // The lesser and the greater of two uniform numbers: a third and two thirds of the way.
    expect(Math.abs(tau1Ps - 2000)).toBeLessThan(20);
    expect(Math.abs(tau2Ps - 3000)).toBeLessThan(20);
    expect(Math.abs(fraction1 - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(tauIntensityPs - 2500)).toBeLessThan(20);
  });

  it('of two known species is an integral over the fraction', () => {
    const [tau1, tau2] = [600, 2800];
    const species = { tau1Ps: [tau1, tau1], tau2Ps: [tau2, tau2], share: 1 } as const;
    const prior = testPrior({ ...exact, species });
    const { gatesFs, laserPeriodFs, irf, irfCenterPs } = prior;
    const sharesOf = (tauPs: number): Float64Array => {
      const [starts, ends] = [0, 1].map((side) => gatesFs.map((gate) => gate[side]! / 1000));
      const decay = new WrappedDecay(starts!, ends!, laserPeriodFs / 1000, irfNodes(irf));
      decay.place(irfCenterPs, 1);
      const shares = new Float64Array(gatesFs.length);
      decay.addTo(shares, tauPs, 1);
      return shares;
    };
    const [first, second] = [sharesOf(tau1), sharesOf(tau2)];
    const posterior = new PosteriorMean(new DecaySource(prior), 200, 20_000, new Random(6));
    const random = new Random(7);
    for (const truth of [0.1, 0.5, 0.8]) {
      const counts = new Uint32Array(gatesFs.length);
      drawCounts(
        random,
        first.map((share, gate) => truth * share + (1 - truth) * second[gate]!),
        200,
        counts,
      );
      const fractions = Array.from({ length: 2000 }, (_, at) => (at + 0.5) / 2000);
      const logLikelihoods = fractions.map((f) =>
        counts.reduce(
          (sum, count, gate) => sum + count * Math.log(f * first[gate]! + (1 - f) * second[gate]!),
          0,
        ),
      );
      const best = Math.max(...logLikelihoods);
      const weights = logLikelihoods.map((value) => Math.exp(value - best));
      const total = weights.reduce((sum, weight) => sum + weight);
      const meanOf = (quantity: (f: number) => number): number =>
        fractions.reduce((sum, f, at) => sum + weights[at]! * quantity(f), 0) / total;
      const found = posterior.of(counts);
      expect(found.tau1Ps).toBeCloseTo(tau1, 2);
      expect(found.tau2Ps).toBeCloseTo(tau2, 2);
      expect(Math.abs(found.fraction1 - meanOf((f) => f))).toBeLessThan(0.003);
      const amplitude = meanOf((f) => 1 / (f / tau1 + (1 - f) / tau2));
      expect(Math.abs(found.tauAmplitudePs - amplitude)).toBeLessThan(5);
      const intensity = meanOf((f) => f * tau1 + (1 - f) * tau2);
      expect(Math.abs(found.tauIntensityPs - intensity)).toBeLessThan(7);
    }
  });
});
