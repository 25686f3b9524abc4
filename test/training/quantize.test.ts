import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { tanh as integerTanh } from '../../src/lifetime/integer-arithmetic.js';
import { kwanTanh } from '../../src/training/kwan.js';
import {
  encoderRows,
  fakeQuantizeBiases,
  fakeQuantizeWeights,
  quantizedBiases,
  quantizedWeights,
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
