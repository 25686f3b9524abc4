import { describe, expect, it } from 'vitest';
import { classicalEstimators } from '../../src/evaluation/classical-estimators.js';
import { monoPrecision } from '../support/measure.js';
import { Random } from '../../src/random/random.js';
import { parseGateSpec } from '../../src/training/option-text.js';
import { brightPixel, exactPrior, gateShares } from './known-decays.js';

const species = { tau1Ps: [1000, 1200], tau2Ps: [2900, 3100], share: 0.9 } as const;
const names = [
  'centre-of-mass',
  'rapid-lifetime',
  'phasor-phase',
  'phasor-modulation',
  'fit-mono',
  'fit-bi',
  'fit-as-needed',
] as const;

const known = exactPrior({ background: [0.05, 0.05] });
/** Gates with gaps that leave the pulse's edge and the end of the period out, a wide response, an odd period. */
const gaps = exactPrior({
  laserPeriodFs: 13_157_895,
  gatesFs: parseGateSpec('--gates-spec', '34..50/4,62..230/28', 48.828125),
  irf: { kind: 'rectangle', widthPs: 800 },
  irfCenterPs: 2790,
  tauPs: [300, 4500],
  background: [0.02, 0.02],
});

function estimatorOf(prior: typeof known, name: string) {
  return classicalEstimators(prior).find((estimator) => estimator.name === name)!.estimate;
}

describe('classical estimators', () => {
  it('are those of the list, each with its source; species only where the prior has them', () => {
    expect(classicalEstimators(known).map(({ name }) => name)).toEqual(names);
    const all = classicalEstimators(exactPrior({ species }));
    expect(all.map(({ name }) => name)).toEqual([...names, 'phasor-species', 'fit-species']);
    for (const { title, source } of all) expect(`${title} ${source}`).toMatch(/\w+.*\(\d{4}\)/);
  });

  it.each(names)('%s finds the lifetime of a bright mono-exponential decay', (name) => {
    for (const [prior, background] of [
      [known, 0.05],
      [gaps, 0.02],
    ] as const) {
      const estimate = estimatorOf(prior, name);
      for (const tauPs of [500, 1000, 2000, 3500]) {
        const found = estimate(brightPixel(gateShares(prior, [[tauPs, 1]], background)))!;
        expect(Math.abs(found.tauAmplitudePs / tauPs - 1)).toBeLessThan(2e-3);
        expect(Math.abs(found.tauIntensityPs / tauPs - 1)).toBeLessThan(2e-3);
      }
    }
  });

  it.each(names.filter((name) => !['fit-bi', 'fit-as-needed'].includes(name)))(
    '%s has little bias at 2,000 photons',
    (name) => {
      for (const tauPs of [500, 2000]) {
        const pixels = 400;
        const found = monoPrecision(estimatorOf(known, name), known, tauPs, 2000, 0.05, pixels, 1);
        expect(found.valid).toBe(1);
        const standardError = found.standardDeviationPs / Math.sqrt(pixels);
        expect(Math.abs(found.biasPs)).toBeLessThan(0.01 * tauPs + 3 * standardError);
      }
    },
  );

  it('take a background they cannot know from the photons, where they can', () => {
    const prior = exactPrior({ background: [0, 0.2] });
    const pixel = brightPixel(gateShares(prior, [[1500, 1]], 0.02));
    for (const name of ['phasor-phase', 'fit-mono', 'fit-bi']) {
      expect(Math.abs(estimatorOf(prior, name)(pixel)!.tauIntensityPs - 1500)).toBeLessThan(5);
    }
    // These subtract what the prior expects, 10 %, and so take part of the tail away.
    for (const name of ['centre-of-mass', 'rapid-lifetime', 'phasor-modulation']) {
      expect(estimatorOf(prior, name)(pixel)!.tauIntensityPs).toBeLessThan(1490);
    }
  });

  it('find the fraction of two known species', () => {
    const prior = exactPrior({ species, background: [0.05, 0.05] });
    const components = [
      [1100, 0.35],
      [3000, 0.65],
    ] as const;
    const pixel = brightPixel(gateShares(prior, components, 0.05));
    for (const name of ['phasor-species', 'fit-species']) {
      const found = estimatorOf(prior, name)(pixel)!;
      expect(found.tauIntensityPs).toBeCloseTo(0.35 * 1100 + 0.65 * 3000, 0);
      expect(found.tauAmplitudePs).toBeCloseTo(1 / (0.35 / 1100 + 0.65 / 3000), 0);
    }
  });

  it('have no estimate without photons in at least two gates, and a number in the range from two on', () => {
    const prior = exactPrior({ species, irfJitterPs: 60, darkPhotons: [0, 50] });
    const random = new Random(9);
    for (const { name, estimate } of classicalEstimators(prior)) {
      const counts = new Uint32Array(32);
      expect(estimate(counts), name).toBeNull();
      counts[7] = 1000;
      expect(estimate(counts), name).toBeNull();
      for (let pixel = 0; pixel < 60; pixel++) {
        counts.fill(0);
        for (let photon = 0; photon < 2 + (pixel % 5); photon++) {
          const gate = random.below(32);
          counts[gate] = counts[gate]! + 1;
        }
        const found = estimate(counts);
        for (const tauPs of found === null ? [] : [found.tauAmplitudePs, found.tauIntensityPs]) {
          expect(tauPs, name).toBeGreaterThan(199.99);
          expect(tauPs, name).toBeLessThan(5000.01);
        }
      }
    }
  });

  it('are refused for a prior that leaves nothing to estimate, or gates that cannot tell', () => {
    expect(() => classicalEstimators(exactPrior({ tauPs: [1000, 1000] }))).toThrow(
      expect.objectContaining({ code: 'FLIMD_E_TRAINING' }),
    );
    const oneGate = exactPrior({ gatesFs: [[0, 12_500_000]] });
    expect(() => classicalEstimators(oneGate)).toThrow(expect.objectContaining({ code: 'FLIMD_E_TRAINING' }));
  });
});
