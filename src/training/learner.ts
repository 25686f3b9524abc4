import * as tf from '@tensorflow/tfjs-core';
import { lifetimeOutputs } from '../lifetime/integer-network.js';
import type { Batch } from './batches.js';
import { restoreTensor, type StoredTensor, storeTensor } from './stored-tensor.js';
import type { Student } from './student.js';

class ScheduledAdam extends tf.AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }
}

/** What a learner has learned, and the moments of its optimizer. */
export interface LearnerState {
  variables: StoredTensor[];
  optimizer: StoredTensor[];
}

/** Fits a student to examples by Adam (Kingma & Ba 2015), through its quantized forward pass. */
export class Learner {
  private readonly optimizer = new ScheduledAdam(0, 0.9, 0.999, 1e-7);

  constructor(readonly student: Student) {}

  /** One step; the mean weighted squared error of the batch before it. */
  learn(batch: Batch, learningRate: number): number {
    this.optimizer.setLearningRate(learningRate);
    const size = batch.u.length;
    const { variables } = this.student;
    return tf.tidy(() => {
      const targets = tf.tensor2d(batch.targets, [size, lifetimeOutputs.length]);
      const weights = tf.tensor2d(batch.weights, [size, 1]);
      const { value, grads } = tf.variableGrads(
        () => weightedSquaredError(this.student.forward(batch, true), targets, weights),
        variables,
      );
      this.optimizer.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name]! })));
      return value.dataSync()[0]! / targets.size;
    });
  }

  async state(): Promise<LearnerState> {
    const optimizer = await this.optimizer.getWeights();
    return {
      variables: this.student.variables.map(storeTensor),
      optimizer: optimizer.map(({ tensor }) => storeTensor(tensor)),
    };
  }

  async restore({ variables, optimizer }: LearnerState): Promise<void> {
    variables.forEach((stored, at) => {
      const tensor = restoreTensor(stored);
      this.student.variables[at]!.assign(tensor);
      tensor.dispose();
    });
    await this.optimizer.setWeights(
      optimizer.map((stored, at) => ({ name: String(at), tensor: restoreTensor(stored) })),
    );
  }

  dispose(): void {
    this.student.dispose();
    this.optimizer.dispose();
  }
}

/** Sum over the batch; squared so that the best output is the mean of what the counts leave possible. */
function weightedSquaredError(outputs: tf.Tensor2D, targets: tf.Tensor2D, weights: tf.Tensor2D): tf.Scalar {
  const errors = tf.sub(outputs, targets);
  return tf.sum(tf.mul(weights, tf.mul(errors, errors))) as tf.Scalar;
}
