import * as tf from '@tensorflow/tfjs-core';
import { fixedPoint } from '../protocol/fixed-point.js';

/** Round half up, as every rounding of docs/fixed-point.md. */
const round = (value: number): number => Math.floor(value + 0.5);

/** What docs/fixed-point.md allows the rows of one layer. */
export interface RowFormat {
  /** Shift = e − this. */
  exponentAtShiftZero: number;
  /** Fraction bits of the layer's input: biases are in units 2^−(e + this). */
  inputFractionBits: number;
  /** Biases stay below this in their units. */
  biasLimit: number;
}

export const encoderRows: RowFormat = {
  exponentAtShiftZero: 5,
  inputFractionBits: fixedPoint.inputFractionBits,
  biasLimit: fixedPoint.biasLimit,
};
export const headRows: RowFormat = {
  exponentAtShiftZero: -3,
  inputFractionBits: fixedPoint.stateFractionBits,
  biasLimit: fixedPoint.headBiasLimit,
};
export const outputRows: RowFormat = { ...headRows, exponentAtShiftZero: -2 };

const MIN_SHIFT = 1;

/**
 * Exponent e of every row: weight = W · 2^−e with the largest |W| as near to 127 as a power of two brings it,
 * within the shifts the arithmetic allows and with room for the bias.
 */
export function rowExponents(weights: Float32Array, biases: Float32Array, format: RowFormat): Int32Array {
  const columns = weights.length / biases.length;
  return Int32Array.from(biases, (bias, row) => {
    let largest = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++)
      largest = Math.max(largest, Math.abs(weights[i]!));
    const fits = (exponent: number): boolean =>
      round(largest * 2 ** exponent) <= fixedPoint.weightLimit &&
      Math.abs(bias) * 2 ** (exponent + format.inputFractionBits) < format.biasLimit;
    let shift: number = fixedPoint.maxShift;
    while (shift > MIN_SHIFT && !fits(shift + format.exponentAtShiftZero)) shift--;
    return shift + format.exponentAtShiftZero;
  });
}

export const rowShifts = (exponents: Int32Array, format: RowFormat): Uint8Array =>
  Uint8Array.from(exponents, (exponent) => exponent - format.exponentAtShiftZero);

/** The integers W of a layer, row-major. */
export function quantizedWeights(weights: Float32Array, exponents: Int32Array): Int8Array {
  const columns = weights.length / exponents.length;
  const integers = new Int8Array(weights.length);
  for (let row = 0, at = 0; row < exponents.length; row++) {
    const scale = 2 ** exponents[row]!;
    for (const end = at + columns; at < end; at++) {
      integers[at] = clampTo(round(weights[at]! * scale), fixedPoint.weightLimit);
    }
  }
  return integers;
}

/** The integers of a layer's biases. */
export function quantizedBiases(biases: Float32Array, exponents: Int32Array, format: RowFormat): Int32Array {
  return Int32Array.from(biases, (bias, row) =>
    clampTo(round(bias * 2 ** (exponents[row]! + format.inputFractionBits)), format.biasLimit - 1),
  );
}

const clampTo = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);

/**
 * The real values of the quantized weights. Straight-through: rounding passes the gradient on as it is; a weight
 * that the row's format cannot reach gets none.
 */
export function fakeQuantizeWeights(weights: tf.Tensor2D, exponents: Int32Array): tf.Tensor2D {
  const op = tf.customGrad((w) => {
    const real = (w as tf.Tensor).dataSync() as Float32Array;
    const integers = quantizedWeights(real, exponents);
    const values = new Float32Array(real.length);
    const passes = new Float32Array(real.length);
    const columns = real.length / exponents.length;
    for (let row = 0, at = 0; row < exponents.length; row++) {
      const step = 2 ** -exponents[row]!;
      for (const end = at + columns; at < end; at++) {
        values[at] = integers[at]! * step;
        passes[at] = Math.abs(real[at]!) <= (fixedPoint.weightLimit + 0.5) * step ? 1 : 0;
      }
    }
    return {
      value: tf.tensor2d(values, weights.shape),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, tf.tensor2d(passes, weights.shape)),
    };
  });
  return op(weights) as tf.Tensor2D;
}

/** The real values of the quantized biases, straight-through. */
export function fakeQuantizeBiases(
  biases: tf.Tensor1D,
  exponents: Int32Array,
  format: RowFormat,
): tf.Tensor1D {
  const op = tf.customGrad((b) => {
    const integers = quantizedBiases((b as tf.Tensor).dataSync() as Float32Array, exponents, format);
    const values = Float32Array.from(
      integers,
      (integer, row) => integer * 2 ** -(exponents[row]! + format.inputFractionBits),
    );
    return { value: tf.tensor1d(values), gradFunc: (dy) => dy as tf.Tensor };
  });
  return op(biases) as tf.Tensor1D;
}
