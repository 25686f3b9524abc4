import * as tf from '@tensorflow/tfjs-core';
import { fixedPoint } from '../protocol/fixed-point.js';

/** Pre-activations are int16 in Q12: just short of ±8. */
const PRE_ACTIVATION_ONE = 2 ** fixedPoint.preActivationFractionBits;
const STATE_ONE = 2 ** fixedPoint.stateFractionBits;

/**
 * Kwan's second-order tanh, t(x) = x (1 − |x|/4) for |x| < 2, else ±1 (Electronics Letters 28, 1992), of every
 * element. Quantized: with the pre-activation and the result as the int16 of docs/fixed-point.md §2, and the
 * gradient of the real function (straight-through).
 */
export function kwanTanh(x: tf.Tensor2D, quantized: boolean): tf.Tensor2D {
  const activation = quantized ? integerTanh : realTanh;
  const op = tf.customGrad((input) => {
    const source = (input as tf.Tensor).dataSync() as Float32Array;
    const values = new Float32Array(source.length);
    const slopes = new Float32Array(source.length);
    for (let i = 0; i < source.length; i++) {
      values[i] = activation(source[i]!);
      slopes[i] = Math.max(0, 1 - Math.abs(source[i]!) / 2);
    }
    return {
      value: tf.tensor2d(values, x.shape),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, tf.tensor2d(slopes, x.shape)),
    };
  });
  return op(x) as tf.Tensor2D;
}

function realTanh(value: number): number {
  const rest = Math.max(0, 1 - Math.abs(value) / 2);
  return Math.sign(value) * (1 - rest * rest);
}

function integerTanh(value: number): number {
  const p = Math.floor(value * PRE_ACTIVATION_ONE + 0.5);
  const b = 32767 - 4 * Math.min(Math.abs(p), fixedPoint.tanhLimit);
  const y = fixedPoint.activationOne - ((b * b + (1 << 14)) >> 15);
  return (p < 0 ? -y : y) / STATE_ONE;
}
