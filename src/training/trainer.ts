import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../camera-sim/random.js';
import { networkOutputs } from '../lifetime/integer-network.js';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import { BatchStream } from './batch-stream.js';
import {
  type Checkpoint,
  type LossPoint,
  restoreTensor,
  storeTensor,
  type TrainingState,
} from './checkpoint.js';
import { createNativeGruEncoder, type NativeGruEncoder } from './native.js';
import { checkOptions, type TrainingOptions } from './options.js';
import { learningRateAt } from './schedule.js';
import { Student } from './student.js';
import { startTensors } from './tensor-backend.js';

export interface TrainingProgress {
  step: number;
  /** 0 to 1. */
  fractionDone: number;
  /** Mean over the steps since the last report. */
  loss: number;
  stepsPerSecond: number;
  secondsLeft: number;
}

export interface RunHooks {
  onProgress?: (progress: TrainingProgress) => void;
  /** Called every `CHECKPOINT_SECONDS` and when the run is interrupted. */
  onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
  /** Ends the run after the step at hand. */
  signal?: AbortSignal;
}

const STREAM_INITIAL_WEIGHTS = 2;
const PROGRESS_SECONDS = 0.5;
const CHECKPOINT_SECONDS = 30;
/** Points of the loss log of a whole training. */
const LOSS_POINTS = 100;

class ScheduledAdam extends tf.AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }
}

/** A training run: examples in, a trained student out. */
export class Trainer {
  private step = 0;
  private elapsedSeconds = 0;
  private readonly lossLog: LossPoint[] = [];
  private readonly optimizer = new ScheduledAdam(0, 0.9, 0.999, 1e-7);

  private constructor(
    readonly options: TrainingOptions,
    private readonly native: NativeGruEncoder,
    readonly student: Student,
  ) {}

  /** Throws FLIMD_E_CONFIG for a bad option and FLIMD_E_NATIVE_MISSING. */
  static async create(options: TrainingOptions): Promise<Trainer> {
    checkOptions(options);
    await startTensors();
    const { hidden, head, prior, threads, seed } = options;
    const native = createNativeGruEncoder(hidden, prior.gatesFs.length, threads);
    const shape = { hidden, head, outputs: networkOutputs.length };
    return new Trainer(options, native, new Student(shape, native, new Random(seed, STREAM_INITIAL_WEIGHTS)));
  }

  static async resume(checkpoint: Checkpoint): Promise<Trainer> {
    const trainer = await Trainer.create(checkpoint.options);
    trainer.step = checkpoint.step;
    trainer.elapsedSeconds = checkpoint.elapsedSeconds;
    trainer.lossLog.push(...checkpoint.lossLog);
    checkpoint.variables.forEach((stored, at) => {
      const tensor = restoreTensor(stored);
      trainer.student.variables[at]!.assign(tensor);
      tensor.dispose();
    });
    await trainer.optimizer.setWeights(
      checkpoint.optimizer.map((stored, at) => ({ name: String(at), tensor: restoreTensor(stored) })),
    );
    return trainer;
  }

  get state(): TrainingState {
    return { step: this.step, elapsedSeconds: this.elapsedSeconds, lossLog: this.lossLog };
  }

  /** Instruction set of the native encoder. */
  get simd(): string {
    return this.native.simd;
  }

  /** Runs to the end, or until the signal; true at the end. Throws FLIMD_E_TRAINING where the loss is no number. */
  async run(hooks: RunHooks = {}): Promise<boolean> {
    const { options } = this;
    const batches = new BatchStream({ options, size: options.batch, seed: options.seed }, this.step);
    try {
      await this.runSteps(batches, hooks);
    } finally {
      await batches.close();
    }
    if (this.fractionDone < 1) await hooks.onCheckpoint?.(await this.checkpoint());
    return this.fractionDone >= 1;
  }

  async checkpoint(): Promise<Checkpoint> {
    const optimizer = await this.optimizer.getWeights();
    return {
      format: 'flimd-checkpoint',
      ...this.state,
      options: this.options,
      variables: this.student.variables.map((variable) => storeTensor(variable)),
      optimizer: optimizer.map(({ tensor }) => storeTensor(tensor)),
    };
  }

  dispose(): void {
    this.student.dispose();
    this.optimizer.dispose();
  }

  private get fractionDone(): number {
    const { steps, minutes } = this.options;
    return steps !== null ? this.step / steps : this.elapsedSeconds / (60 * minutes!);
  }

  private async runSteps(
    batches: BatchStream,
    { onProgress, onCheckpoint, signal }: RunHooks,
  ): Promise<void> {
    const progress = new LossMeter();
    const log = new LossMeter();
    let checkpointAt = this.elapsedSeconds;
    let stepBegan = performance.now();
    while (this.fractionDone < 1 && signal?.aborted !== true) {
      const loss = this.learn(await batches.next());
      progress.add(loss);
      log.add(loss);
      this.step++;
      const now = performance.now();
      this.elapsedSeconds += (now - stepBegan) / 1000;
      stepBegan = now;
      if (this.fractionDone * LOSS_POINTS >= this.lossLog.length + 1) {
        this.lossLog.push({ step: this.step, loss: log.takeMean() });
      }
      if (progress.seconds >= PROGRESS_SECONDS) onProgress?.(this.progressOf(progress));
      if (this.elapsedSeconds - checkpointAt >= CHECKPOINT_SECONDS) {
        checkpointAt = this.elapsedSeconds;
        await onCheckpoint?.(await this.checkpoint());
      }
    }
  }

  private progressOf(meter: LossMeter): TrainingProgress {
    const { steps, minutes } = this.options;
    const stepsPerSecond = meter.count / meter.seconds;
    return {
      step: this.step,
      fractionDone: Math.min(1, this.fractionDone),
      loss: meter.takeMean(),
      stepsPerSecond,
      secondsLeft:
        steps !== null ? (steps - this.step) / stepsPerSecond : 60 * minutes! - this.elapsedSeconds,
    };
  }

  /** One step of Adam; the loss of the batch before it. */
  private learn(batch: Batch): number {
    const { batch: size, learningRate } = this.options;
    this.optimizer.setLearningRate(learningRateAt(learningRate, this.step, this.fractionDone));
    const loss = tf.tidy(() => {
      const targets = tf.tensor2d(batch.targets, [size, networkOutputs.length]);
      const weights = tf.tensor2d(batch.weights, [size, 1]);
      const { variables } = this.student;
      const { value, grads } = tf.variableGrads(
        () => weightedSquaredError(this.student.forward(batch, true), targets, weights),
        variables,
      );
      this.optimizer.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name]! })));
      return value.dataSync()[0]! / (size * networkOutputs.length);
    });
    if (Number.isFinite(loss)) return loss;
    throw new FlimdError('FLIMD_E_TRAINING', `the loss is ${loss} at step ${this.step}`, {
      value: loss,
      action: 'lower --learning-rate, then resume from the last checkpoint',
    });
  }
}

/** Sum over the batch; squared so that the best output is the mean of what the counts leave possible. */
function weightedSquaredError(outputs: tf.Tensor2D, targets: tf.Tensor2D, weights: tf.Tensor2D): tf.Scalar {
  const errors = tf.sub(outputs, targets);
  return tf.sum(tf.mul(weights, tf.mul(errors, errors))) as tf.Scalar;
}

class LossMeter {
  count = 0;
  private sum = 0;
  private began = performance.now();

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  add(loss: number): void {
    this.sum += loss;
    this.count++;
  }

  /** The mean since the last call; starts over. */
  takeMean(): number {
    const mean = this.sum / this.count;
    this.sum = 0;
    this.count = 0;
    this.began = performance.now();
    return mean;
  }
}
