import { describe, expect, it } from 'vitest';
import { fitPoisson, type Parameter } from '../../src/calibration/poisson-fit.js';
import { invertSymmetric } from '../../src/calibration/symmetric-solve.js';
import { poisson } from '../../src/random/poisson.js';
import { Random } from '../../src/random/random.js';

const free = (start: number): Parameter => ({ start, low: -1e9, high: 1e9, step: 1e-4 });

describe('the inverse of a symmetric matrix', () => {
  it('times the matrix is one, with elements of very different size', () => {
    const matrix = [
      [4e12, 1e6, 3e3],
      [1e6, 2, 1e-3],
      [3e3, 1e-3, 5e-6],
    ].map((row) => Float64Array.from(row));
    const inverse = invertSymmetric(matrix)!;
    matrix.forEach((row, i) =>
      matrix.forEach((_, j) => {
        const product = row.reduce((sum, value, k) => sum + value * inverse[k]![j]!, 0);
        const scale = Math.sqrt(matrix[i]![i]! / matrix[j]![j]!);
        expect(Math.abs(product - (i === j ? 1 : 0)) / scale).toBeLessThan(1e-9);
      }),
    );
  });

  it('is none where rows depend on each other or nothing is known', () => {
    expect(invertSymmetric([Float64Array.of(1, 2), Float64Array.of(2, 4)])).toBeNull();
    expect(invertSymmetric([Float64Array.of(1, 0), Float64Array.of(0, 0)])).toBeNull();
  });
});

describe('a Poisson fit', () => {
  it('of a constant is the mean, with the standard error √(mean / n)', () => {
    const counts = Float64Array.of(3, 7, 5, 4, 6, 8, 2, 5);
    const fit = fitPoisson(counts, (at, expected) => expected.fill(at[0]!), [free(20)]);
    expect(fit.parameters[0]).toBeCloseTo(5, 5);
    expect(Math.sqrt(fit.covariance![0]![0]!)).toBeCloseTo(Math.sqrt(5 / 8), 5);
    const chi2 = counts.reduce((sum, n) => sum + (n - 5) ** 2 / 5, 0);
    expect(fit.reducedChi2).toBeCloseTo(chi2 / 7, 5);
  });

  it('of exponentials lies off by its standard errors: 200 draws, each parameter', () => {
    const model = (at: Float64Array, expected: Float64Array): void => {
      for (let bin = 0; bin < expected.length; bin++)
        expected[bin] = Math.exp(at[0]! - bin * Math.exp(at[1]!)) + at[2]!;
    };
    const truth = Float64Array.of(Math.log(300), Math.log(0.08), 12);
    const expected = new Float64Array(60);
    model(truth, expected);
    const random = new Random(5);
    const pulls = [0, 0, 0];
    for (let draw = 0; draw < 200; draw++) {
      const counts = expected.map((mean) => poisson(mean, random));
      const fit = fitPoisson(counts, model, [free(5), free(-2), free(5)]);
      fit.parameters.forEach((value, i) => {
        pulls[i]! += (value - truth[i]!) ** 2 / fit.covariance![i]![i]! / 200;
      });
    }
    // The mean square of 200 standard normals is 1 ± 0.1.
    for (const square of pulls) {
      expect(square).toBeGreaterThan(0.7);
      expect(square).toBeLessThan(1.35);
    }
  });

  it('stays inside bounds, and says which parameter would leave them', () => {
    const counts = Float64Array.of(100, 50, 25, 12, 6, 3, 1, 0);
    const fit = fitPoisson(
      counts,
      (at, expected) => {
        for (let bin = 0; bin < 8; bin++) expected[bin] = at[0]! * Math.exp(-bin * Math.LN2) + at[1]!;
      },
      [free(50), { start: 4, low: 0, high: 10, step: 1e-3 }],
    );
    expect(fit.parameters[1]).toBe(0);
    expect(fit.undetermined).toEqual([false, true]);
    expect(fit.covariance![1]).toEqual(Float64Array.of(0, 0));
    expect(fit.parameters[0]).toBeCloseTo(197 / (2 - 2 ** -7), 4);
  });

  it('says of a parameter that changes nothing that it is not determined', () => {
    const fit = fitPoisson(Float64Array.of(4, 5, 6), (at, expected) => expected.fill(at[0]!), [
      free(1),
      free(1),
    ]);
    expect(fit.parameters[0]).toBeCloseTo(5, 5);
    expect(fit.undetermined).toEqual([false, true]);
  });
});
