import { describe, expect, it } from 'vitest';
import { cramerRaoF } from '../../src/evaluation/cramer-rao.js';
import { DecayMixture } from '../../src/evaluation/decay-mixture.js';
import { DecayTable } from '../../src/evaluation/decay-table.js';
import { ExponentialFits } from '../../src/evaluation/exponential-fit.js';
import { Instrument } from '../../src/evaluation/instrument.js';
import { monoPrecision } from '../support/measure.js';
import { Random } from '../../src/random/random.js';
import { drawCounts } from '../../src/training/decays.js';
import { brightPixel, exactPrior, gateShares } from './known-decays.js';

const jittered = exactPrior({ irfJitterPs: 60 });

function mixtureOf(components: 1 | 2): DecayMixture {
  const instrument = new Instrument(jittered);
  return new DecayMixture(new DecayTable(instrument), instrument.widthShares, components);
}

describe('the model of the fit', () => {
  it('is the decay it stands for', () => {
    const mixture = mixtureOf(2);
    const components = [
      [777, 0.3],
      [3210, 0.7],
    ] as const;
    const expected = gateShares(jittered, components, 0.04, 33);
    mixture.evaluate([Math.log(777), Math.log(3210), 0.3, 0.04, 0.033]);
    expected.forEach((share, gate) => expect(Math.abs(mixture.shares[gate]! - share)).toBeLessThan(2e-5));
  });

  it.each([
    [1, [Math.log(1234), 0.05, 0.0213]],
    [2, [Math.log(456), Math.log(3456), 0.4, 0.05, -0.0213]],
  ] as const)('has the derivatives of its shares, %i lifetimes', (components, parameters) => {
    const mixture = mixtureOf(components);
    parameters.forEach((_, k) => {
      const step = 1e-5;
      const [above, below] = [step, -step].map((change) => {
        mixture.evaluate(parameters.map((value, at) => value + (at === k ? change : 0)));
        return mixture.shares.slice();
      });
      mixture.evaluate(parameters);
      mixture.slopes[k]!.forEach((slope, gate) => {
        expect(Math.abs((above![gate]! - below![gate]!) / (2 * step) - slope)).toBeLessThan(1e-6);
      });
    });
  });
});

describe('fits', () => {
  const components = [
    [700, 0.35],
    [3000, 0.65],
  ] as const;
  const tauAmplitudePs = 1 / (0.35 / 700 + 0.65 / 3000);
  const tauIntensityPs = 0.35 * 700 + 0.65 * 3000;

  it('find two lifetimes, background and place of the response in a bright decay', () => {
    const found = new ExponentialFits(new Instrument(jittered)).bi()(
      brightPixel(gateShares(jittered, components, 0.06, 40)),
    )!;
    expect(Math.abs(found.tauAmplitudePs / tauAmplitudePs - 1)).toBeLessThan(2e-3);
    expect(Math.abs(found.tauIntensityPs / tauIntensityPs - 1)).toBeLessThan(2e-3);
  });

  it('find both means at a million photons', () => {
    const fits = new ExponentialFits(new Instrument(jittered));
    const shares = gateShares(jittered, components, 0.06, -25);
    const random = new Random(2);
    const counts = new Uint32Array(shares.length);
    for (let pixel = 0; pixel < 10; pixel++) {
      drawCounts(random, shares, 1e6, counts);
      for (const estimate of [fits.bi(), fits.asNeeded()]) {
        const found = estimate(counts)!;
        expect(Math.abs(found.tauAmplitudePs / tauAmplitudePs - 1)).toBeLessThan(0.02);
        expect(Math.abs(found.tauIntensityPs / tauIntensityPs - 1)).toBeLessThan(0.02);
      }
    }
  });

  it('believe a second lifetime only where the photons speak for it', () => {
    const fits = new ExponentialFits(new Instrument(jittered));
    const single = gateShares(jittered, [[2000, 1]], 0.05);
    const counts = new Uint32Array(single.length);
    const random = new Random(3);
    let believed = 0;
    for (let pixel = 0; pixel < 100; pixel++) {
      drawCounts(random, single, 500, counts);
      const found = fits.asNeeded()(counts)!;
      if (Math.abs(found.tauAmplitudePs - found.tauIntensityPs) > 1) believed++;
    }
    expect(believed).toBeLessThan(15);
  });

  // Far from the bounds of the background, which would add what the bound does not know of.
  it.each([[500], [1000], [2000], [3000]])('come to the Cramér–Rao bound at %i ps', (tauPs) => {
    const prior = exactPrior({ background: [0, 0.4] });
    const fit = new ExponentialFits(new Instrument(prior)).mono();
    const { f, biasPs, valid } = monoPrecision(fit, prior, tauPs, 1000, 0.15, 1000, 4);
    const bound = cramerRaoF(prior, tauPs, 0.15, false);
    expect(valid).toBe(1);
    expect(f / bound).toBeGreaterThan(0.92);
    expect(f / bound).toBeLessThan(1.1);
    expect(Math.abs(biasPs)).toBeLessThan(0.015 * tauPs);
  });
});
