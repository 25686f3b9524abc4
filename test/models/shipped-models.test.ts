import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { loadModelPackage } from '../../src/lifetime/model-package.js';
import { uncertaintyOf } from '../../src/evaluation/package-evaluation.js';
import { drawPixels } from '../../src/evaluation/pixel-set.js';
import { type CardRow, measureAccuracy, networkEstimator } from '../../src/training/accuracy.js';
import type { DecayPrior } from '../../src/training/decays.js';

const models = path.resolve(import.meta.dirname, '../../models');
const outputs = ['meanLifetimeAmplitude', 'meanLifetimeIntensity'] as const;

/** Not the seed of the packages' own accuracy cards. */
const SEED = 77;
const PIXELS = 1500;
/** 1,000 in each class of lifetimes: the ratio has a standard error of about 3 %. */
const STANDARD_ERROR_PIXELS = 4000;
const PHOTONS = [50, 100, 500, 2000];
/** With 1,500 pixels the RMSE has a standard error of 2 to 4 %. */
const SAMPLING = 1.1;

interface ShippedModel {
  name: string;
  camera: { bins: number; binWidthPs: number; laserPeriodPs: number };
  /** Largest RMSE in units of the package's Bayes limit, by photons. */
  overBayes: Record<number, number>;
  /** How far predicted and true standard errors may differ, in any quarter of the estimated lifetimes. */
  standardErrorWithin: number;
}

const shipped: ShippedModel[] = [
  {
    name: 'cells-12.5ns-32',
    camera: { bins: 256, binWidthPs: 12500 / 256, laserPeriodPs: 12_500 },
    overBayes: { 100: 1.03, 500: 1.04, 2000: 1.05 },
    standardErrorWithin: 0.15,
  },
  {
    name: 'cells-12.5ns-16',
    camera: { bins: 256, binWidthPs: 12500 / 256, laserPeriodPs: 12_500 },
    overBayes: { 100: 1.03, 500: 1.04, 2000: 1.06 },
    standardErrorWithin: 0.15,
  },
  {
    name: 'yeast-nadh',
    camera: { bins: 256, binWidthPs: 46.83907706, laserPeriodPs: 12_500 },
    overBayes: { 100: 1.03, 500: 1.04, 2000: 1.06 },
    // One of its twelve classes is at 1.151.
    standardErrorWithin: 0.17,
  },
  {
    name: 'cells-sdt',
    camera: { bins: 256, binWidthPs: 48.828125, laserPeriodPs: 13_157.895 },
    overBayes: { 100: 1.03, 500: 1.04, 2000: 1.06 },
    standardErrorWithin: 0.15,
  },
];

describe.each(shipped)('the package $name', ({ name, camera, overBayes, standardErrorWithin }) => {
  const load = () => loadModelPackage(path.join(models, name));

  it('is whole, carries its name and fits its camera', async () => {
    const model = await load();
    expect(model.name).toBe(name);
    const plan = planGates(model.timing, camera);
    expect(plan.firstBin.length).toBe(model.network.gates);
  });

  it('is as good on fresh decays as its accuracy card says, near the Bayes limit', async () => {
    const { network, training, accuracy } = await load();
    const { prior } = training.options as { prior: DecayPrior };
    for (const card of accuracy.rows as CardRow[]) {
      const found = measureAccuracy(networkEstimator(network), prior, card.photons, PIXELS, SEED);
      console.log(name, JSON.stringify(found));
      for (const output of outputs) {
        expect(found.rmsePs[output]).toBeLessThan(SAMPLING * card.rmsePs[output]);
        expect(found.rmsePs[output]).toBeLessThan(SAMPLING * overBayes[card.photons]! * card.bayesRmsePs[output]);
        // Three standard errors of the bias, and 15 ps of the network's own.
        expect(Math.abs(found.biasPs[output])).toBeLessThan((3 * card.rmsePs[output]) / Math.sqrt(PIXELS) + 15);
      }
      expect(found.valid).toBeGreaterThan(0.99);
    }
  });

  it('knows how wrong it is, for every photon count and lifetime', async () => {
    const { network, training } = await load();
    const { prior } = training.options as { prior: DecayPrior };
    // Nearer to the least photons of the training, many of the pixels lie below it.
    for (const photons of PHOTONS.filter((count) => count >= 2 * network.minPhotons)) {
      const { counts, truths } = drawPixels(prior, photons, STANDARD_ERROR_PIXELS, SEED);
      const rows = uncertaintyOf(network, { photons, counts, truths });
      console.log(name, photons, rows.map(({ ratio }) => ratio.toFixed(2)).join(' '));
      for (const { ratio } of rows) expect(Math.abs(ratio - 1)).toBeLessThan(standardErrorWithin);
    }
  });
});
