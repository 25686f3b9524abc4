import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from './batches.js';
import type { Predictions } from './network.js';
import { OUTPUTS, standardErrorOf, targetOutputs, TARGETS } from './outputs.js';

/** How much the parts of the loss count beside the squared error of the two lifetimes. */
export interface LossWeights {
  /** Squared error of tau1, tau2 and the fraction. */
  parameters: number;
  /** Mean squared error of the deconvolved decay. */
  sequence: number;
}

/** What the network is to say of a batch: the truth, or what a teacher says, or something between the two. */
export interface Wanted {
  /** [batch][5], in the order of `targetOutputs` */
  targets: Float32Array;
  /** [batch][gates] */
  decays: Float32Array;
}

/**
 * Weight of the standard errors' part. Its gradient is scale-free, that of the weighted squared errors is about
 * 2·√8e-4 at every photon count (batches.ts): with this the former is about a tenth of the latter.
 */
const UNCERTAINTY_WEIGHT = 1.6e-4;
/** Smallest standard error that is told from others: 16 ps in units of 8192 ps. */
const LEAST_STANDARD_ERROR = 1 / 512;
/** Squared error over squared standard error beyond which a pixel pulls no harder. */
const MOST_RATIO = 50;

interface Gradients {
  outputs: Float32Array;
  decays: Float32Array | null;
}

/**
 * Sum over the batch of: weighted squared errors, so that the best outputs are the means of what the counts leave
 * possible; and log s + e²/2s² for the standard error s of each lifetime, e its error, so that the best s² is the
 * mean of e² (the Gaussian likelihood; Nix & Weigend 1994). The error is taken as given there: s is fitted to the
 * lifetime and not the lifetime to s.
 */
export function seq2SeqLoss(
  { outputs, decays }: Predictions,
  batch: Batch,
  wanted: Wanted,
  weights: LossWeights,
): { loss: tf.Scalar; lifetimeLoss: () => number } {
  let lifetimeLoss = 0;
  const op = tf.customGrad((...given) => {
    const [said, decoded] = given
      .slice(0, -1)
      .map((tensor) => (tensor as tf.Tensor).dataSync() as Float32Array);
    const gradients: Gradients = {
      outputs: new Float32Array(said!.length),
      decays: decoded ? new Float32Array(decoded.length) : null,
    };
    lifetimeLoss = addTargetErrors(said!, batch, wanted, [0, 1], 1, gradients.outputs);
    const parameters = addTargetErrors(
      said!,
      batch,
      wanted,
      [2, 3, 4],
      weights.parameters,
      gradients.outputs,
    );
    const uncertainty = addStandardErrors(said!, batch, gradients.outputs);
    const sequence = decoded
      ? addDecayErrors(decoded, batch, wanted, weights.sequence, gradients.decays!)
      : 0;
    return {
      value: tf.scalar(lifetimeLoss + parameters + uncertainty + sequence),
      gradFunc: (dy) => {
        const gradient = [tf.mul(dy as tf.Tensor, tf.tensor2d(gradients.outputs, outputs.shape))];
        if (decays) gradient.push(tf.mul(dy as tf.Tensor, tf.tensor2d(gradients.decays!, decays.shape)));
        return gradient;
      },
    };
  });
  const loss = (decays ? op(outputs, decays) : op(outputs)) as tf.Scalar;
  return { loss, lifetimeLoss: () => lifetimeLoss };
}

/** Squared errors of some targets; returns their sum over the batch. */
function addTargetErrors(
  said: Float32Array,
  batch: Batch,
  { targets }: Wanted,
  which: readonly number[],
  weight: number,
  gradient: Float32Array,
): number {
  let sum = 0;
  batch.weights.forEach((ofExample, example) => {
    for (const target of which) {
      const at = example * OUTPUTS + targetOutputs[target]!;
      const error = said[at]! - targets[example * TARGETS + target]!;
      sum += weight * ofExample * error * error;
      gradient[at] = 2 * weight * ofExample * error;
    }
  });
  return sum;
}

function addStandardErrors(said: Float32Array, batch: Batch, gradient: Float32Array): number {
  let sum = 0;
  for (let example = 0; example < batch.u.length; example++) {
    standardErrorOf.forEach((output, lifetime) => {
      const at = example * OUTPUTS + output;
      const error = said[example * OUTPUTS + lifetime]! - batch.targets[example * TARGETS + lifetime]!;
      const standardError = Math.max(said[at]!, LEAST_STANDARD_ERROR);
      const ratio = Math.min((error / standardError) ** 2, MOST_RATIO);
      sum += UNCERTAINTY_WEIGHT * (Math.log(standardError) + ratio / 2);
      const pull = said[at]! < LEAST_STANDARD_ERROR ? -1 : 1 - ratio;
      gradient[at] = (UNCERTAINTY_WEIGHT * pull) / standardError;
    });
  }
  return sum;
}

function addDecayErrors(
  decoded: Float32Array,
  batch: Batch,
  { decays }: Wanted,
  weight: number,
  gradient: Float32Array,
): number {
  const gates = decoded.length / batch.u.length;
  let sum = 0;
  for (let at = 0; at < decoded.length; at++) {
    const share = (weight * batch.weights[Math.floor(at / gates)]!) / gates;
    const error = decoded[at]! - decays[at]!;
    sum += share * error * error;
    gradient[at] = 2 * share * error;
  }
  return sum;
}
