import * as tf from '@tensorflow/tfjs-core';
import { stateOperand } from '../lifetime/integer-arithmetic.js';
import { fixedPoint } from '../protocol/fixed-point.js';

const STATE_ONE = 2 ** fixedPoint.stateFractionBits;
const INPUT_ONE = 2 ** fixedPoint.inputFractionBits;

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
 * Bits of a weight. 8: any int8. 4: an int8 that is a multiple of 16, so that the same arithmetic runs it. 16: 256
 * times finer than int8; no integer network has it.
 */
export const precisions = [16, 8, 4] as const;
export type Precision = (typeof precisions)[number];

/** Step between two weights in units of the integers W, and the most steps from 0. */
const gridOf = (precision: Precision): { step: number; limit: number } => ({
  step: 2 ** (8 - precision),
  limit: 2 ** (precision - 1) - 1,
});

/** Powers of two by which the largest weight of a row may be cut off, where that serves the others. */
const MOST_CLIPPING: Record<Precision, number> = { 16: 0, 8: 0, 4: 2 };

/**
 * Exponent e of every row: weight = W · 2^−e with the largest |W| as near to 127 as a power of two brings it, within
 * the shifts the arithmetic allows and with room for the bias. In 4 bit a finer exponent that cuts off the largest
 * weights is taken where the squared error of the row is smaller with it.
 *
 * @param importance weight of a column's squared error: the mean square of its input; all alike by default
 */
export function rowExponents(
  weights: Float32Array,
  biases: Float32Array,
  format: RowFormat,
  precision: Precision = 8,
  importance?: Float32Array,
): Int32Array {
  const columns = weights.length / biases.length;
  return Int32Array.from(biases, (bias, row) => {
    const values = weights.subarray(row * columns, (row + 1) * columns);
    const whole = exponentOfLargest(values, bias, format, precision);
    let best = whole;
    let leastError = Infinity;
    for (let exponent = whole; exponent <= whole + MOST_CLIPPING[precision]; exponent++) {
      if (exponent > whole && !biasFits(bias, exponent, format)) break;
      const error =
        MOST_CLIPPING[precision] === 0 ? 0 : squaredError(values, exponent, precision, importance);
      if (error < leastError) [best, leastError] = [exponent, error];
    }
    return best;
  });
}

function exponentOfLargest(
  values: Float32Array,
  bias: number,
  format: RowFormat,
  precision: Precision,
): number {
  const { step, limit } = gridOf(precision);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const fits = (exponent: number): boolean =>
    round((largest * 2 ** exponent) / step) <= limit && biasFits(bias, exponent, format);
  let shift: number = fixedPoint.maxShift;
  while (shift > MIN_SHIFT && !fits(shift + format.exponentAtShiftZero)) shift--;
  return shift + format.exponentAtShiftZero;
}

const biasFits = (bias: number, exponent: number, format: RowFormat): boolean =>
  exponent - format.exponentAtShiftZero <= fixedPoint.maxShift &&
  Math.abs(bias) * 2 ** (exponent + format.inputFractionBits) < format.biasLimit;

function squaredError(
  values: Float32Array,
  exponent: number,
  precision: Precision,
  importance?: Float32Array,
): number {
  let sum = 0;
  values.forEach((value, i) => {
    const error = gridInteger(value, exponent, precision) * 2 ** -exponent - value;
    sum += error * error * (importance?.[i] ?? 1);
  });
  return sum;
}

/** The nearest weight of the grid in units 2^−e. */
function gridInteger(weight: number, exponent: number, precision: Precision): number {
  const { step, limit } = gridOf(precision);
  return clampTo(round((weight * 2 ** exponent) / step), limit) * step;
}

export const rowShifts = (exponents: Int32Array, format: RowFormat): Uint8Array =>
  Uint8Array.from(exponents, (exponent) => exponent - format.exponentAtShiftZero);

/** The integers W of a layer, row-major. */
export function quantizedWeights(
  weights: Float32Array,
  exponents: Int32Array,
  precision: 8 | 4 = 8,
): Int8Array {
  const columns = weights.length / exponents.length;
  return Int8Array.from(weights, (weight, at) =>
    gridInteger(weight, exponents[Math.floor(at / columns)]!, precision),
  );
}

/** The integers of a layer's biases. */
export function quantizedBiases(biases: Float32Array, exponents: Int32Array, format: RowFormat): Int32Array {
  return Int32Array.from(biases, (bias, row) =>
    clampTo(round(bias * 2 ** (exponents[row]! + format.inputFractionBits)), format.biasLimit - 1),
  );
}

const clampTo = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);

/** The nearest weights that a precision has, in place of the real ones. */
export function roundedWeights(
  weights: Float32Array,
  exponents: Int32Array,
  precision: Precision,
): Float32Array {
  const { step, limit } = gridOf(precision);
  const columns = weights.length / exponents.length;
  const values = new Float32Array(weights.length);
  for (let row = 0, at = 0; row < exponents.length; row++) {
    const grain = step * 2 ** -exponents[row]!;
    for (const end = at + columns; at < end; at++) {
      values[at] = clampTo(round(weights[at]! / grain), limit) * grain;
    }
  }
  return values;
}

/**
 * The real values of the quantized weights. Straight-through: rounding passes the gradient on as it is; a weight
 * that the row's format cannot reach gets none.
 */
export function fakeQuantizeWeights(
  weights: tf.Tensor2D,
  exponents: Int32Array,
  precision: Precision = 8,
): tf.Tensor2D {
  const { step, limit } = gridOf(precision);
  const columns = weights.shape[1];
  const op = tf.customGrad((w) => {
    const real = (w as tf.Tensor).dataSync() as Float32Array;
    const values = roundedWeights(real, exponents, precision);
    const passes = new Float32Array(real.length);
    for (let row = 0, at = 0; row < exponents.length; row++) {
      const reach = (limit + 0.5) * step * 2 ** -exponents[row]!;
      for (const end = at + columns; at < end; at++) passes[at] = Math.abs(real[at]!) <= reach ? 1 : 0;
    }
    return {
      value: tf.tensor2d(values, weights.shape),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, tf.tensor2d(passes, weights.shape)),
    };
  });
  return op(weights) as tf.Tensor2D;
}

/** States as the operands of a dot product (docs/fixed-point.md §2.1), straight-through. */
export function fakeQuantizeStates(states: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((h) => ({
    value: tf.tensor2d(
      ((h as tf.Tensor).dataSync() as Float32Array).map(
        (state) => stateOperand(state * STATE_ONE) / INPUT_ONE,
      ),
      states.shape,
    ),
    gradFunc: (dy) => dy as tf.Tensor,
  }));
  return op(states) as tf.Tensor2D;
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
