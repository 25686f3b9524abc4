import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradients of the TF.js operations the training uses. The Node bundle of tfjs-core leaves its gradient table out
 * (only browser bundles and the union package, ten times the size, have it).
 */
export function registerGradients(): void {
  for (const config of gradients) {
    if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config);
  }
}

/** Sums the gradient of a broadcast operand back to its shape. */
function unbroadcast(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}

type Transposes = { transposeA: boolean; transposeB: boolean };

/** For y = a·b with either operand transposed: da and db as products that need no copy. */
function matMulGradients(dy: tf.Tensor, [a, b]: tf.Tensor[], attributes: unknown) {
  const { transposeA, transposeB } = attributes as Transposes;
  return {
    a: () => (transposeA ? tf.matMul(b!, dy, transposeB, true) : tf.matMul(dy, b!, false, !transposeB)),
    b: () => (transposeB ? tf.matMul(dy, a!, true, transposeA) : tf.matMul(a!, dy, !transposeA, false)),
  };
}

const gradients: tf.GradConfig[] = [
  {
    kernelName: 'Add',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => unbroadcast(dy as tf.Tensor, a!.shape),
      b: () => unbroadcast(dy as tf.Tensor, b!.shape),
    }),
  },
  {
    kernelName: 'Sub',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => unbroadcast(dy as tf.Tensor, a!.shape),
      b: () => tf.neg(unbroadcast(dy as tf.Tensor, b!.shape)),
    }),
  },
  {
    kernelName: 'Multiply',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => unbroadcast(tf.mul(dy as tf.Tensor, b!), a!.shape),
      b: () => unbroadcast(tf.mul(dy as tf.Tensor, a!), b!.shape),
    }),
  },
  {
    kernelName: 'Sum',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => {
      const { axis } = attributes as unknown as { axis: number | number[] };
      const axes = tf.util.parseAxisParam(axis, x!.shape);
      const kept = x!.shape.map((size, at) => (axes.includes(at) ? 1 : size));
      return { x: () => tf.mul(tf.reshape(dy as tf.Tensor, kept), tf.onesLike(x!)) };
    },
  },
  {
    kernelName: 'Reshape',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as tf.Tensor, x!.shape) }),
  },
  {
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attributes) => matMulGradients(dy as tf.Tensor, saved, attributes),
  },
];
