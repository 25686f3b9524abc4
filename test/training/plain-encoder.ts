import * as tf from '@tensorflow/tfjs-core';

/**
 * The encoder of docs/fixed-point.md §2 as real numbers and plain TF.js operations: what the fused native op and
 * its gradient are compared with.
 */

/** Gradients of the operations only this uses; src/training/gradients.ts has the others. */
export function registerPlainGradients(): void {
  tf.registerGradient({
    kernelName: 'Abs',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.sign(x!)) }),
  });
  tf.registerGradient({
    kernelName: 'ClipByValue',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => {
      const { clipValueMin, clipValueMax } = attributes as unknown as {
        clipValueMin: number;
        clipValueMax: number;
      };
      const inside = tf.logicalAnd(tf.greater(x!, clipValueMin), tf.less(x!, clipValueMax));
      return { x: () => tf.mul(dy as tf.Tensor, tf.cast(inside, 'float32')) };
    },
  });
}

const clip = (x: tf.Tensor): tf.Tensor => tf.clipByValue(x, -2, 2);
const kwanTanh = (x: tf.Tensor): tf.Tensor => tf.mul(clip(x), tf.sub(1, tf.mul(0.25, tf.abs(clip(x)))));
const kwanSigmoid = (x: tf.Tensor): tf.Tensor => tf.add(0.5, tf.mul(0.5, kwanTanh(tf.mul(0.5, x))));

/** Recurrent weights [H][H], input weights [H][K] and biases [H] of z, r, nh, nx; nh has no input, nx no state. */
export interface PlainWeights {
  recurrent: tf.Tensor2D[];
  input: tf.Tensor2D[];
  bias: tf.Tensor1D[];
}

/** States [batch][H] after every step; `inputs` holds, for every step, [batch][K]. */
export function plainStates({ recurrent, input, bias }: PlainWeights, inputs: tf.Tensor2D[]): tf.Tensor[] {
  const product = (a: tf.Tensor, weights: tf.Tensor2D): tf.Tensor =>
    tf.matMul(a as tf.Tensor2D, weights, false, true);
  let state: tf.Tensor = tf.zeros([inputs[0]!.shape[0], bias[0]!.size]);
  return inputs.map((given) => {
    const full = (kind: number): tf.Tensor =>
      tf.add(tf.add(product(state, recurrent[kind]!), product(given, input[kind]!)), bias[kind]!);
    const z = kwanSigmoid(full(0));
    const r = kwanSigmoid(full(1));
    const hiddenPart = tf.add(product(state, recurrent[2]!), bias[2]!);
    const inputPart = tf.add(product(given, input[2]!), bias[3]!);
    const n = kwanTanh(tf.add(inputPart, tf.mul(r, hiddenPart)));
    state = tf.add(tf.mul(z, state), tf.mul(tf.sub(1, z), n));
    return state;
  });
}

/** The last of them. */
export const plainEncoder = (weights: PlainWeights, inputs: tf.Tensor2D[]): tf.Tensor =>
  plainStates(weights, inputs).at(-1)!;
