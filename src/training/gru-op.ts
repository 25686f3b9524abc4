import * as tf from '@tensorflow/tfjs-core';
import type { NativeGruEncoder } from './native.js';

/** A batch of network inputs as TF.js does not need to see them: they get no gradient. */
export interface EncoderInputs {
  /** [batch][gates] */
  x: Float32Array;
  /** [batch] */
  u: Float32Array;
}

/**
 * The encoder's last state [batch][H], computed and differentiated by the fused native op.
 *
 * @param kernel [4H][H+2] rows z, r, nh, nx; columns the state, x, u
 * @param bias [4H]
 * @param exponents of the rows where kernel and bias are quantized (docs/fixed-point.md §2 is then computed bit for
 *   bit), null for the float network
 */
export function encode(
  encoder: NativeGruEncoder,
  kernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  exponents: Int32Array | null,
  inputs: EncoderInputs,
): tf.Tensor2D {
  const hidden = bias.size / 4;
  const op = tf.customGrad((k, b) => {
    const weights = [k, b].map((tensor) => (tensor as tf.Tensor).dataSync() as Float32Array);
    const state = encoder.forward(weights[0]!, weights[1]!, exponents, inputs.x, inputs.u);
    return {
      value: tf.tensor2d(state, [inputs.u.length, hidden]),
      gradFunc: (dy) => {
        const kernelGradient = new Float32Array(kernel.size);
        const biasGradient = new Float32Array(bias.size);
        encoder.backward((dy as tf.Tensor).dataSync() as Float32Array, kernelGradient, biasGradient);
        return [tf.tensor2d(kernelGradient, kernel.shape), tf.tensor1d(biasGradient)];
      },
    };
  });
  return op(kernel, bias) as tf.Tensor2D;
}
