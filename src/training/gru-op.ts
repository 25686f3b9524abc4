import * as tf from '@tensorflow/tfjs-core';
import type { NativeGruLayer } from './native.js';

/** A batch of network inputs as TF.js does not need to see them: they get no gradient. */
export interface EncoderInputs {
  /** [batch][gates] */
  x: Float32Array;
  /** [batch] */
  u: Float32Array;
}

/** Weights of a recurrent layer. */
export interface GruWeights {
  /** [4H][H + inputs]: rows z, r, nh, nx; columns the state, then the inputs. */
  kernel: tf.Tensor2D;
  /** [4H] */
  bias: tf.Tensor1D;
  /**
   * Of the rows, where kernel and bias are quantized (docs/fixed-point.md §2 is then computed bit for bit); null for
   * the float network.
   */
  exponents: Int32Array | null;
}

/** The encoder's last state [batch][H], computed and differentiated by the fused native op. */
export function encode(layer: NativeGruLayer, weights: GruWeights, { x, u }: EncoderInputs): tf.Tensor2D {
  const { exponents } = weights;
  const batch = u.length;
  const op = tf.customGrad((kernel, bias) => {
    const state = layer.forward(batch, floats(kernel), floats(bias), exponents, x, u);
    return {
      value: tf.tensor2d(state, [batch, state.length / batch]),
      gradFunc: (dy) => {
        const gradients = newGradients(weights);
        layer.backward(floats(dy), gradients.kernel, gradients.bias, null);
        return gradients.tensors();
      },
    };
  });
  return op(weights.kernel, weights.bias) as tf.Tensor2D;
}

const NO_STEPS = new Float32Array(0);

/**
 * The decoder's states after every step, [batch · steps][H], from a context [batch][K] that is its input in every
 * step.
 */
export function decode(layer: NativeGruLayer, weights: GruWeights, context: tf.Tensor2D): tf.Tensor2D {
  const { exponents } = weights;
  const batch = context.shape[0];
  const hidden = weights.bias.size / 4;
  const op = tf.customGrad((kernel, bias, constants) => {
    const inputs = floats(constants);
    const states = layer.forward(batch, floats(kernel), floats(bias), exponents, NO_STEPS, inputs);
    return {
      value: tf.tensor2d(states, [states.length / hidden, hidden]),
      gradFunc: (dy) => {
        const gradients = newGradients(weights);
        const constantGradient = new Float32Array(context.size);
        layer.backward(floats(dy), gradients.kernel, gradients.bias, constantGradient);
        return [...gradients.tensors(), tf.tensor2d(constantGradient, context.shape)];
      },
    };
  });
  return op(weights.kernel, weights.bias, context) as tf.Tensor2D;
}

const floats = (tensor: unknown): Float32Array => (tensor as tf.Tensor).dataSync() as Float32Array;

function newGradients({ kernel, bias }: GruWeights) {
  const gradients = { kernel: new Float32Array(kernel.size), bias: new Float32Array(bias.size) };
  const tensors = (): tf.Tensor[] => [
    tf.tensor2d(gradients.kernel, kernel.shape),
    tf.tensor1d(gradients.bias),
  ];
  return { ...gradients, tensors };
}
