import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { tanh as integerTanh } from '../../src/lifetime/integer-arithmetic.js';
import { kwanTanh } from '../../src/training/kwan.js';
import {
  encoderRows,
  fakeQuantizeBiases,
  fakeQuantizeWeights,
  headRows,
  outputRows,
  type Precision,
  quantizedBiases,
  quantizedWeights,
  roundedWeights,
  rowExponents,
  rowShifts,
} from '../../src/training/quantize.js';
import { startTensors } from '../../src/training/tensor-backend.js';

beforeAll(startTensors);

describe('the exponent of a row', () => {
  const exponentOf = (weight: number, bias = 0) =>
    rowExponents(Float32Array.of(weight, 0), Float32Array.of(bias), encoderRows)[0];

  it('brings the largest weight as near to 127 as a power of two can', () => {
    expect(exponentOf(127 / 128)).toBe(7);
    expect(exponentOf(127.4 / 128)).toBe(7);
    expect(exponentOf(127.6 / 128)).toBe(6);
    expect(exponentOf(-0.25)).toBe(8);
  });

  it('stays within the shifts', () => {
    expect(exponentOf(1e-12)).toBe(29);
    expect(exponentOf(50)).toBe(6);
    expect([...rowShifts(Int32Array.of(6, 29), encoderRows)]).toEqual([1, 24]);
  });

  it('leaves room for the bias', () => {
    expect(exponentOf(0.001, 3)).toBe(13);
    expect(exponentOf(0.001, 0)).toBe(16);
  });
});

describe('quantized numbers', () => {
  it('round half up and stop at the limits', () => {
    const exponents = Int32Array.of(6);
    expect([...quantizedWeights(Float32Array.of(1.5 / 64, -1.5 / 64, 5, -5), exponents)]).toEqual([
      2, -1, 127, -127,
    ]);
    expect([...quantizedBiases(Float32Array.of(1e9), exponents, encoderRows)]).toEqual([2 ** 22 - 1]);
  });

  it('pass gradients straight through, except where a weight cannot be reached', () => {
    const weights = tf.tensor2d([0.3, -1.9, 7, -7], [2, 2]);
    const bias = tf.tensor1d([0.1, -0.2]);
    const exponents = Int32Array.of(6, 6);
    const dy = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const gradient = tf.grad((w) => tf.sum(tf.mul(fakeQuantizeWeights(w as tf.Tensor2D, exponents), dy)))(
      weights,
    );
    expect([...gradient.dataSync()]).toEqual([1, 2, 0, 0]);
    const biasGradient = tf.grad((b) => tf.sum(fakeQuantizeBiases(b as tf.Tensor1D, exponents, encoderRows)))(
      bias,
    );
    expect([...biasGradient.dataSync()]).toEqual([1, 1]);
    expect([...fakeQuantizeWeights(weights, exponents).dataSync()]).toEqual([
      Math.fround(19 / 64),
      Math.fround(-122 / 64),
      127 / 64,
      -127 / 64,
    ]);
  });
});

/** Rows of weights, some with a few far larger than the others. */
function scatteredRows(random: Random, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const reach = 2 ** -(4 + (Math.floor(at / columns) % 6));
    return reach * random.normal() * (random.uniform() < 0.05 ? 6 : 1);
  });
}

describe('4 and 16 bit', () => {
  const [rows, columns] = [60, 34];
  const random = new Random(11);
  const weights = scatteredRows(random, rows, columns);
  const biases = Float32Array.from({ length: rows }, () => random.normal());
  const rowOf = (values: Float32Array, row: number): Float32Array =>
    values.subarray(row * columns, (row + 1) * columns);
  /** Steps of the grid in units of int8: 16 for 4 bit, 1/256 for 16 bit. */
  const grids: [Precision, number, number][] = [
    [4, 16, 7],
    [8, 1, 127],
    [16, 1 / 256, 32_767],
  ];

  it.each(grids)('%i bit: multiples of the step, nearest, up to the limit', (precision, step, limit) => {
    for (const format of [encoderRows, headRows, outputRows]) {
      const exponents = rowExponents(weights, biases, format, precision);
      const rounded = roundedWeights(weights, exponents, precision);
      rounded.forEach((value, at) => {
        const grain = step * 2 ** -exponents[Math.floor(at / columns)]!;
        expect(Number.isInteger(value / grain)).toBe(true);
        expect(Math.abs(value / grain)).toBeLessThanOrEqual(limit);
        const reached = Math.abs(weights[at]!) <= (limit + 0.5) * grain;
        if (reached) expect(Math.abs(value - weights[at]!)).toBeLessThanOrEqual(grain / 2);
        else expect(value).toBe(Math.sign(weights[at]!) * limit * grain);
      });
    }
  });

  it('16 bit is 256 times finer than 8 bit', () => {
    const errorOf = (precision: Precision): number => {
      const rounded = roundedWeights(
        weights,
        rowExponents(weights, biases, encoderRows, precision),
        precision,
      );
      return Math.sqrt(rounded.reduce((sum, value, at) => sum + (value - weights[at]!) ** 2, 0));
    };
    const ratio = errorOf(8) / errorOf(16);
    expect(ratio).toBeGreaterThan(200);
    expect(ratio).toBeLessThan(320);
  });

  it.each(grids)('%i bit: weights that are rounded already stay as they are', (precision) => {
    const exponents = rowExponents(weights, biases, encoderRows, precision);
    const once = roundedWeights(weights, exponents, precision);
    expect(roundedWeights(once, exponents, precision)).toEqual(once);
    // Also where the exponents are chosen anew, without what was known of the inputs.
    const again = rowExponents(once, biases, encoderRows, precision);
    expect(roundedWeights(once, again, precision)).toEqual(once);
  });

  it('4 bit: the integers are the weights, and multiples of 16', () => {
    const exponents = rowExponents(weights, biases, encoderRows, 4);
    const rounded = roundedWeights(weights, exponents, 4);
    quantizedWeights(weights, exponents, 4).forEach((integer, at) => {
      expect(Math.abs(integer % 16)).toBe(0);
      expect(integer * 2 ** -exponents[Math.floor(at / columns)]!).toBe(rounded[at]);
    });
  });

  /** Squared error of a row's sum where its inputs have these mean squares. */
  function errorOf(row: number, exponent: number, importance: Float32Array): number {
    const real = rowOf(weights, row);
    const rounded = roundedWeights(real, Int32Array.of(exponent), 4);
    return rounded.reduce((sum, value, i) => sum + importance[i]! * (value - real[i]!) ** 2, 0);
  }
  /** The exponent that cuts no weight off. */
  const wholeOf = (row: number): number => {
    const largest = Math.max(...rowOf(weights, row).map(Math.abs));
    return Math.floor(Math.log2((7.5 * 16) / largest));
  };

  it('4 bit: cuts off the largest weights where the row as a whole is nearer for it', () => {
    const alike = new Float32Array(columns).fill(1);
    const uneven = alike.map((_, i) => (i < 5 ? 30 : 0.1));
    const small = new Float32Array(rows);
    let cut = 0;
    let differ = 0;
    const plain = rowExponents(weights, small, encoderRows, 4);
    const weighted = rowExponents(weights, small, encoderRows, 4, uneven);
    for (let row = 0; row < rows; row++) {
      const whole = wholeOf(row);
      for (const [exponents, importance] of [
        [plain, alike],
        [weighted, uneven],
      ] as const) {
        const least = Math.min(...[0, 1, 2].map((finer) => errorOf(row, whole + finer, importance)));
        expect(errorOf(row, exponents[row]!, importance)).toBe(least);
      }
      if (plain[row]! > whole) cut++;
      if (plain[row] !== weighted[row]) differ++;
    }
    expect(cut).toBeGreaterThan(5);
    expect(differ).toBeGreaterThan(5);
  });

  it('4 bit: no exponent that the bias or the shifts do not allow', () => {
    const row = Float32Array.from({ length: 40 }, (_, i) => (i === 0 ? 0.35 : 0.03));
    const free = rowExponents(row, Float32Array.of(0), encoderRows, 4)[0]!;
    expect(free).toBeGreaterThan(8);
    // Biases stay below 2^22 in units of 2^−(e + 7).
    const largest = 2 ** (15 - free);
    expect(rowExponents(row, Float32Array.of(0.99 * largest), encoderRows, 4)[0]).toBe(free);
    expect(rowExponents(row, Float32Array.of(largest), encoderRows, 4)[0]).toBe(free - 1);
    const tiny = row.map((value) => value * 1e-6);
    expect(rowExponents(tiny, Float32Array.of(0), encoderRows, 4)[0]).toBe(24 + 5);
  });

  it.each(grids)('%i bit: gradients pass, but not to weights out of reach', (precision, step, limit) => {
    const grain = step * 2 ** -8;
    const reach = limit * grain;
    const real = tf.tensor2d([0.3 * grain, -reach, reach + 0.4 * grain, reach + 0.6 * grain], [1, 4]);
    const gradient = tf.grad((w) =>
      tf.sum(
        tf.mul(
          fakeQuantizeWeights(w as tf.Tensor2D, Int32Array.of(8), precision),
          tf.tensor2d([[2, 3, 4, 5]]),
        ),
      ),
    )(real);
    expect([...gradient.dataSync()]).toEqual([2, 3, 4, 0]);
    const values = fakeQuantizeWeights(real, Int32Array.of(8), precision).dataSync();
    expect(Array.from(values, (value) => value / grain)).toEqual([0, -limit, limit, limit]);
  });
});

describe("Kwan's tanh", () => {
  it('is that of the integers, quantized', () => {
    const random = new Random(4);
    const p = Int32Array.from({ length: 2000 }, () => Math.floor(40_000 * (2 * random.uniform() - 1)));
    const found = kwanTanh(
      tf.tensor2d(
        Float32Array.from(p, (value) => value / 4096),
        [2000, 1],
      ),
      true,
    ).dataSync();
    expect(Array.from(found, (y) => y * 32768)).toEqual(Array.from(p, integerTanh));
  });

  it('is x (1 − |x|/4), real, with its slope', () => {
    const x = tf.tensor2d([-3, -1, 0, 0.5, 2.5], [5, 1]);
    expect([...kwanTanh(x, false).dataSync()]).toEqual([-1, -0.75, 0, 0.4375, 1]);
    const slope = tf.grad((value) => tf.sum(kwanTanh(value as tf.Tensor2D, true)))(x);
    expect([...slope.dataSync()]).toEqual([0, 0.5, 1, 0.75, 0]);
  });
});
