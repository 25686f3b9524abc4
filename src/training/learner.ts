import * as tf from '@tensorflow/tfjs-core';
import { type Belief, type LabelledBatch, wantedOf } from './distillation.js';
import { type LossWeights, seq2SeqLoss } from './loss.js';
import type { Network } from './network.js';
import type { Precision } from './quantize.js';
import { restoreTensor, type StoredTensor, storeTensor } from './stored-tensor.js';

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

export interface Lesson {
  /** Of the forward pass; null: float. */
  precision: Precision | null;
  weights: LossWeights;
  belief: Belief;
}

/** Fits a network to examples by Adam (Kingma & Ba 2015). */
export class Learner {
  private readonly optimizer = new ScheduledAdam(0, 0.9, 0.999, 1e-7);

  constructor(
    readonly network: Network,
    private readonly lesson: Lesson,
  ) {}

  /** One step; the mean weighted squared error of the batch's lifetimes before it. */
  learn(batch: LabelledBatch, learningRate: number): number {
    const { precision, weights, belief } = this.lesson;
    this.optimizer.setLearningRate(learningRate);
    const { variables } = this.network;
    const wanted = wantedOf(batch, belief);
    return tf.tidy(() => {
      let lifetimeLoss = (): number => NaN;
      const { grads } = tf.variableGrads(() => {
        const found = seq2SeqLoss(this.network.forward(batch, precision), batch, wanted, weights);
        lifetimeLoss = found.lifetimeLoss;
        return found.loss;
      }, variables);
      this.optimizer.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name]! })));
      return lifetimeLoss() / (2 * batch.u.length);
    });
  }

  async state(): Promise<LearnerState> {
    const optimizer = await this.optimizer.getWeights();
    return {
      variables: this.network.variables.map(storeTensor),
      optimizer: optimizer.map(({ tensor }) => storeTensor(tensor)),
    };
  }

  async restore({ variables, optimizer }: LearnerState): Promise<void> {
    setVariables(this.network, variables);
    await this.optimizer.setWeights(
      optimizer.map((stored, at) => ({ name: String(at), tensor: restoreTensor(stored) })),
    );
  }

  dispose(): void {
    this.network.dispose();
    this.optimizer.dispose();
  }
}

/** Puts stored weights into a network of the same shape. */
export function setVariables(network: Network, variables: StoredTensor[]): void {
  variables.forEach((stored, at) => {
    const tensor = restoreTensor(stored);
    network.variables[at]!.assign(tensor);
    tensor.dispose();
  });
}
