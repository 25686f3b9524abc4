import { describe, expect, it } from 'vitest';
import { ALIAS_BITS, buildAliasTable } from '../../src/camera-sim/photons/alias-table.js';
import { binProbabilities } from '../../src/camera-sim/photons/decay-model.js';
import { exGaussianSurvival } from '../../src/camera-sim/photons/exgaussian.js';
import { poissonBins } from '../../src/camera-sim/photons/poisson-table.js';
import { poisson } from '../../src/random/poisson.js';
import { Random } from '../../src/random/random.js';

const timing = { bins: 64, binWidthPs: 195.3125, laserPeriodPs: 12_500, irfCentrePs: 1500, irfFwhmPs: 200 };
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe('the random generator', () => {
  it('repeats from equal seeds only', () => {
    const draw = (...seeds: [number, number, number]) => {
      const random = new Random(...seeds);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
    expect(draw(1, 2, 3)).not.toEqual(draw(1, 2, 4));
    expect(draw(1, 2, 3)).not.toEqual(draw(1, 3, 2));
  });

  it('is uniform over 256 classes', () => {
    const random = new Random(42);
    const counts = new Float64Array(256);
    for (let i = 0; i < 256_000; i++) counts[random.below(256)]!++;
    const chi2 = sum(counts.map((count) => (count - 1000) ** 2 / 1000));
    // 255 degrees of freedom: mean 255, standard deviation 22.6; five of them.
    expect(Math.abs(chi2 - 255)).toBeLessThan(113);
  });
});

describe('Poisson numbers', () => {
  it.each([0, 0.3, 3, 11.9, 12.1, 80, 1000, 30_000])('have mean and variance %d', (mean) => {
    const random = new Random(9, mean * 10);
    const draws = 40_000;
    let first = 0;
    let second = 0;
    for (let i = 0; i < draws; i++) {
      const deviation = poisson(mean, random) - mean;
      first += deviation;
      second += deviation * deviation;
    }
    const standardError = Math.sqrt(mean / draws);
    expect(Math.abs(first / draws)).toBeLessThanOrEqual(5 * standardError);
    // The variance of the sample variance of a Poisson number is (mean + 2 mean²) / n.
    const spread = Math.sqrt((mean + 2 * mean * mean) / draws);
    expect(Math.abs(second / draws - mean)).toBeLessThanOrEqual(5 * spread);
  });
});

describe('Poisson numbers from tables', () => {
  const draws = 60_000;
  const drawMany = (mean: number): Float64Array => {
    const means = new Float64Array(200).fill(mean);
    const words = new Int32Array(400);
    const out = new Uint16Array(200);
    const random = new Random(77, mean * 1000);
    const all = new Float64Array(draws);
    for (let at = 0; at < draws; at += 200) {
      const total = poissonBins(means, 200, random, words, out, 0);
      expect(total).toBe(sum(out));
      all.set(out, at);
    }
    return all;
  };

  it.each([0, 0.01, 0.124, 0.126, 0.9, 7.33, 40.06, 63.99, 64, 300])('have mean and variance %d', (mean) => {
    const numbers = drawMany(mean);
    expect(Math.abs(sum(numbers) / draws - mean)).toBeLessThanOrEqual(5 * Math.sqrt(mean / draws));
    const variance = sum(numbers.map((number) => (number - mean) ** 2)) / draws;
    expect(Math.abs(variance - mean)).toBeLessThanOrEqual(5 * Math.sqrt((mean + 2 * mean * mean) / draws));
  });

  it('stop at what a bin can hold', () => {
    const out = new Uint16Array(1);
    poissonBins(Float64Array.of(90_000), 1, new Random(1), new Int32Array(2), out, 0);
    expect(out[0]).toBe(0xffff);
  });

  it.each([0.11, 2.6, 11.95])('have the probabilities of mean %d', (mean) => {
    const numbers = drawMany(mean);
    let probability = Math.exp(-mean);
    let chi2 = 0;
    let classes = 0;
    for (let k = 0; k < 40; k++) {
      const expected = probability * draws;
      if (expected > 10) {
        chi2 += (numbers.filter((number) => number === k).length - expected) ** 2 / expected;
        classes++;
      }
      probability *= mean / (k + 1);
    }
    expect(Math.abs(chi2 - classes)).toBeLessThan(5 * Math.sqrt(2 * classes));
  });
});

describe('the decay model', () => {
  it('agrees with numerical integration', () => {
    const sigma = 85;
    const tau = 700;
    const survival = (x: number): number => {
      // Emission times integrated by the midpoint rule against the Gaussian's upper tail (erfc by its integral).
      let total = 0;
      const step = 1;
      for (let t = step / 2; t < 12_000; t += step) {
        total += (Math.exp(-t / tau) / tau) * gaussianTail((x - t) / sigma) * step;
      }
      return total;
    };
    for (const x of [-200, -40, 0, 90, 400, 2500]) {
      expect(exGaussianSurvival(x, sigma, tau)).toBeCloseTo(survival(x), 5);
    }
  });

  it('keeps every photon where the window is the laser period, wherever the pulse lies', () => {
    for (const tauPs of [150, 800, 3000, 6500]) {
      for (const irfCentrePs of [0, 1500, 12_400]) {
        expect(sum(binProbabilities(tauPs, { ...timing, irfCentrePs }))).toBeCloseTo(1, 9);
      }
    }
  });

  it('puts the tail of the pulse before in front of the pulse', () => {
    const tauPs = 4000;
    const probabilities = binProbabilities(tauPs, timing);
    // Far from the pulse the wrapped decay is one exponential: bin 0 continues bin 63 across the period.
    const perBin = Math.exp(-timing.binWidthPs / tauPs);
    expect(probabilities[0]! / probabilities[63]!).toBeCloseTo(perBin, 6);
    expect(probabilities[1]! / probabilities[0]!).toBeCloseTo(perBin, 6);
  });

  it('loses the photons outside a window shorter than the laser period', () => {
    const shorter = sum(binProbabilities(3000, { ...timing, bins: 32 }));
    const whole = binProbabilities(3000, timing);
    expect(shorter).toBeCloseTo(sum(whole.subarray(0, 32)), 12);
    expect(shorter).toBeLessThan(0.9);
  });

  it('stays finite for responses far wider than the lifetime', () => {
    const probabilities = binProbabilities(150, { ...timing, irfFwhmPs: 5000 });
    expect(probabilities.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(sum(probabilities)).toBeCloseTo(1, 9);
  });
});

describe('the alias table', () => {
  it.each([4, 64, 100, 256])('holds the probabilities of %i bins', (bins) => {
    const weights = binProbabilities(2000, { ...timing, bins, binWidthPs: 12_500 / bins });
    const { columnBits, columns } = buildAliasTable(weights);
    const count = 2 ** columnBits;
    const total = new Float64Array(count);
    columns.forEach((entry, column) => {
      const keep = (entry >>> ALIAS_BITS) / 2 ** (32 - ALIAS_BITS);
      total[column]! += keep / count;
      total[entry & (2 ** ALIAS_BITS - 1)]! += (1 - keep) / count;
    });
    const scale = sum(weights);
    for (let bin = 0; bin < count; bin++) {
      expect(Math.abs(total[bin]! - (weights[bin] ?? 0) / scale)).toBeLessThan(2 ** -21);
    }
  });
});

/** Upper tail of the standard normal distribution by Simpson's rule. */
function gaussianTail(z: number): number {
  if (z < 0) return 1 - gaussianTail(-z);
  const density = (x: number): number => Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 200;
  const width = z / steps;
  let area = density(0) + density(z);
  for (let i = 1; i < steps; i++) area += density(i * width) * (i % 2 ? 4 : 2);
  return 0.5 - (area * width) / 3;
}
