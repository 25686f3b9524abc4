import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, figuresOf } from '../../src/evaluation/figures.js';
import { estimateByNetwork } from '../../src/evaluation/network-estimates.js';
import { drawMonoPixels, drawPixels } from '../../src/evaluation/pixel-set.js';
import { uncertaintyRows } from '../../src/evaluation/uncertainty.js';
import { Random } from '../../src/random/random.js';
import type { DecayTruth } from '../../src/training/decays.js';
import { Network } from '../../src/training/network.js';
import { photonFeatureRange } from '../../src/training/options.js';
import { startTensors } from '../../src/training/tensor-backend.js';
import { testPrior } from '../training/test-prior.js';

const truthOf = (tauAmplitudePs: number): DecayTruth => ({
  tauAmplitudePs,
  tauIntensityPs: tauAmplitudePs + 100,
  tau1Ps: 500,
  tau2Ps: 3000,
  fraction1: 0.5,
});

describe('figures of errors', () => {
  it('are their root mean square, mean size and mean', () => {
    expect(figuresOf([3, -4, 0, 1])).toEqual({ rmse: Math.sqrt(26 / 4), mae: 2, bias: 0 });
    expect(figuresOf([]).rmse).toBeNaN();
  });

  it('leave out pixels without an estimate', () => {
    const truths = [1000, 2000, 3000].map(truthOf);
    const found = [truthOf(1100), null, truthOf(2950)];
    expect(errorsOf('tauAmplitudePs', found, truths)).toEqual([100, -50]);
    expect(errorsOf('tau1Ps', found, truths)).toEqual([0, 0]);
  });
});

describe('pixels of a prior', () => {
  const prior = testPrior({});

  it('are the same for the same seed, none empty, as bright as asked', () => {
    const set = drawPixels(prior, 200, 300, 3);
    expect(drawPixels(prior, 200, 300, 3)).toEqual(set);
    expect(drawPixels(prior, 200, 300, 4).counts).not.toEqual(set.counts);
    const photons = set.counts.map((counts) => counts.reduce((sum, count) => sum + count, 0));
    const mean = photons.reduce((sum, count) => sum + count) / 300;
    expect(Math.abs(mean - 200)).toBeLessThan(5);
    const dim = drawPixels(prior, 0.5, 50, 3);
    for (const counts of dim.counts) expect(counts.some((count) => count > 0)).toBe(true);
    expect(dim.truths).toHaveLength(50);
  });

  it('of one lifetime leave nothing else open', () => {
    const gates = prior.gatesFs.length;
    const sumOf = (tauPs: number, background: number, seed: number): number[] => {
      const sums = new Array<number>(gates).fill(0);
      const wide = testPrior({
        irfJitterPs: 400,
        darkPhotons: [400, 500],
        species: { tau1Ps: [600, 600], tau2Ps: [3500, 3500], share: 1 },
      });
      for (const counts of drawMonoPixels(wide, tauPs, 2000, background, 200, seed)) {
        counts.forEach((count, gate) => (sums[gate]! += count));
      }
      return sums;
    };
    // 781 ps gates, the response well before gate 4: neighbours differ by exp(−781 / τ), background apart.
    const sums = sumOf(1000, 0, 1);
    for (let gate = 4; gate < 8; gate++) {
      expect(Math.abs(sums[gate]! / sums[gate - 1]! / Math.exp(-0.78125) - 1)).toBeLessThan(0.05);
    }
    const lifted = sumOf(1000, 0.5, 2);
    // Half of 400,000 photons over 16 gates; at the end nothing else is left.
    expect(Math.abs(lifted[15]! / 12_500 - 1)).toBeLessThan(0.05);
  });
});

describe('standard errors by classes', () => {
  it('are compared as root mean squares, in classes of equal size of what was estimated', () => {
    const random = new Random(1);
    const truths = Array.from({ length: 400 }, () => truthOf(500 + 3000 * random.uniform()));
    const found = truths.map(({ tauAmplitudePs }, pixel) => truthOf(tauAmplitudePs + (pixel % 2 ? 80 : -80)));
    // Too large by a half for the long half, too small by a half for the short half.
    const median = [...found].sort((a, b) => a.tauAmplitudePs - b.tauAmplitudePs)[200]!.tauAmplitudePs;
    const standardErrorsPs = found.map(({ tauAmplitudePs }): [number, number] => [
      tauAmplitudePs >= median ? 120 : 40,
      9999,
    ]);
    const rows = uncertaintyRows(500, { found, standardErrorsPs }, truths);
    expect(rows.map(({ ratio }) => Number(ratio.toFixed(6)))).toEqual([0.5, 0.5, 1.5, 1.5]);
    for (const { photons, trueNs, tauFromNs, tauToNs } of rows) {
      expect(photons).toBe(500);
      expect(trueNs).toBeCloseTo(0.08, 9);
      expect(tauToNs).toBeGreaterThan(tauFromNs);
    }
    rows.slice(1).forEach(({ tauFromNs }, at) => expect(tauFromNs).toBeGreaterThan(rows[at]!.tauToNs));
    expect(rows[2]!.tauFromNs).toBeCloseTo(median / 1000, 1);
  });
});

describe('estimates of a network in training', () => {
  beforeAll(startTensors);

  it('are in the units of the pixels, whatever the batch they are in', () => {
    const prior = testPrior({});
    const shape = { gates: 16, hidden: 8, head: 8, outputs: 7, decoder: true };
    const network = new Network(shape, 1, new Random(2));
    const { counts } = drawPixels(prior, 300, 1100, 1);
    const range = photonFeatureRange([100, 1000]);
    const all = estimateByNetwork(network, null, range, counts);
    expect(all.found).toHaveLength(1100);
    for (const pixel of [0, 499, 500, 1099]) {
      const one = estimateByNetwork(network, null, range, [counts[pixel]!]);
      expect(one.found[0]!.tau2Ps).toBeCloseTo(all.found[pixel]!.tau2Ps, 1);
      expect(one.standardErrorsPs[0]![1]).toBeCloseTo(all.standardErrorsPs[pixel]![1], 1);
      one.decays![0]!.forEach((value, step) => expect(value).toBeCloseTo(all.decays![pixel]![step]!, 5));
    }
    // A head without weights says its biases: outputs.ts has 8192 ps, and 2 for the fraction, as units.
    const { outputLayer } = network;
    outputLayer.kernel.assign(tf.zerosLike(outputLayer.kernel));
    const { found, standardErrorsPs } = estimateByNetwork(network, null, range, counts.slice(0, 1));
    const [amplitude, intensity, , , tau1, tau2, fraction] = outputLayer.bias.dataSync();
    expect(found[0]!.tauAmplitudePs).toBeCloseTo(8192 * amplitude!, 2);
    expect(found[0]!.tauIntensityPs).toBeCloseTo(8192 * intensity!, 2);
    expect(found[0]!.tau1Ps).toBeCloseTo(8192 * tau1!, 2);
    expect(found[0]!.tau2Ps).toBeCloseTo(8192 * tau2!, 2);
    expect(found[0]!.fraction1).toBeCloseTo(2 * fraction!, 6);
    expect(standardErrorsPs[0]![0]).toBeCloseTo(8192 * 0.05, 2);
    network.dispose();
  });
});
