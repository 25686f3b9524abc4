import { Random } from '../random/random.js';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import { BatchStream } from './batch-stream.js';
import {
  type Checkpoint,
  type LossPoint,
  shapeOf,
  type TrainingFiles,
  type TrainingState,
} from './checkpoint.js';
import type { LabelledBatch } from './distillation.js';
import { Learner, setVariables } from './learner.js';
import { LossMeter } from './loss-meter.js';
import { Network } from './network.js';
import { checkOptions, type TrainingOptions } from './options.js';
import { learningRateAt } from './schedule.js';
import { labelledBatches } from './teacher.js';
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

/** Batches in the order they are learned. */
interface ExampleStream {
  next(): Promise<Batch | LabelledBatch>;
  close(): Promise<void>;
}

export interface RunHooks {
  /** The teacher answers the batches; 0 to 1. */
  onLabels?: (fractionDone: number) => void;
  onProgress?: (progress: TrainingProgress) => void;
  /** Called every `CHECKPOINT_SECONDS` and when the run is interrupted. */
  onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
  /** Ends the run after the step at hand, or the batch that the teacher answers. */
  signal?: AbortSignal;
}

const STREAM_INITIAL_WEIGHTS = 2;
const PROGRESS_SECONDS = 0.5;
const CHECKPOINT_SECONDS = 30;
/** Points of the loss log of a whole training. */
const LOSS_POINTS = 100;

/** No teacher, no labels. */
const NO_FILES: TrainingFiles = { teacher: null, labels: null };

/** A training run: examples in, a trained network out. */
export class Trainer {
  private step = 0;
  private elapsedSeconds = 0;
  private readonly lossLog: LossPoint[] = [];

  private constructor(
    readonly options: TrainingOptions,
    readonly files: TrainingFiles,
    private readonly learner: Learner,
  ) {}

  /**
   * @param initial its weights are where the training begins
   * Throws FLIMD_E_CONFIG for a bad option, FLIMD_E_TRAINING for weights of another shape, FLIMD_E_NATIVE_MISSING.
   */
  static async create(
    options: TrainingOptions,
    files: TrainingFiles = NO_FILES,
    initial: Checkpoint | null = null,
  ): Promise<Trainer> {
    checkOptions(options);
    await startTensors();
    const { threads, seed, precision, lossWeights: weights, teacher } = options;
    const network = new Network(shapeOf(options), threads, new Random(seed, STREAM_INITIAL_WEIGHTS));
    if (initial !== null) takeWeights(network, initial);
    const belief = teacher?.belief ?? { outputs: 0, sequence: 0 };
    return new Trainer(options, files, new Learner(network, { precision, weights, belief }));
  }

  static async resume(checkpoint: Checkpoint): Promise<Trainer> {
    const trainer = await Trainer.create(checkpoint.options, checkpoint.files);
    trainer.step = checkpoint.step;
    trainer.elapsedSeconds = checkpoint.elapsedSeconds;
    trainer.lossLog.push(...checkpoint.lossLog);
    await trainer.learner.restore(checkpoint);
    return trainer;
  }

  get network(): Network {
    return this.learner.network;
  }

  get state(): TrainingState {
    return { step: this.step, elapsedSeconds: this.elapsedSeconds, lossLog: this.lossLog };
  }

  /** Runs to the end, or until the signal; true at the end. Throws FLIMD_E_TRAINING where the loss is no number. */
  async run(hooks: RunHooks = {}): Promise<boolean> {
    const examples = this.fractionDone < 1 ? await this.openExamples(hooks) : null;
    if (examples !== null) {
      try {
        await this.runSteps(examples, hooks);
      } finally {
        await examples.close();
      }
    }
    if (this.fractionDone < 1) await hooks.onCheckpoint?.(await this.checkpoint());
    return this.fractionDone >= 1;
  }

  /** Null where the signal came while the teacher was answering. */
  private async openExamples(hooks: RunHooks): Promise<ExampleStream | null> {
    const { options } = this;
    if (options.teacher === null) {
      return new BatchStream({ options, size: options.batch, seed: options.seed }, this.step);
    }
    const labelled = await labelledBatches(options, this.files, hooks);
    if (labelled === null) return null;
    let next = this.step;
    return { next: async () => labelled.batch(next++), close: async () => labelled.close() };
  }

  async checkpoint(): Promise<Checkpoint> {
    return {
      format: 'flimd-checkpoint',
      ...this.state,
      options: this.options,
      files: this.files,
      ...(await this.learner.state()),
    };
  }

  dispose(): void {
    this.learner.dispose();
  }

  private get fractionDone(): number {
    const { steps, minutes } = this.options;
    return steps !== null ? this.step / steps : this.elapsedSeconds / (60 * minutes!);
  }

  private async runSteps(
    examples: ExampleStream,
    { onProgress, onCheckpoint, signal }: RunHooks,
  ): Promise<void> {
    const progress = new LossMeter();
    const log = new LossMeter();
    let checkpointAt = this.elapsedSeconds;
    let stepBegan = performance.now();
    while (this.fractionDone < 1 && signal?.aborted !== true) {
      const loss = this.learn({ labels: null, ...(await examples.next()) });
      progress.add(loss);
      log.add(loss);
      this.step++;
      const now = performance.now();
      this.elapsedSeconds += (now - stepBegan) / 1000;
      stepBegan = now;
      if (this.fractionDone * LOSS_POINTS >= this.lossLog.length + 1) {
        this.lossLog.push({ step: this.step, loss: log.take().loss });
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
    const { loss, stepsPerSecond } = meter.take();
    return {
      step: this.step,
      fractionDone: Math.min(1, this.fractionDone),
      loss,
      stepsPerSecond,
      secondsLeft:
        steps !== null ? (steps - this.step) / stepsPerSecond : 60 * minutes! - this.elapsedSeconds,
    };
  }

  private learn(batch: LabelledBatch): number {
    const rate = learningRateAt(this.options.learningRate, this.step, this.fractionDone);
    const loss = this.learner.learn(batch, rate);
    if (Number.isFinite(loss)) return loss;
    throw new FlimdError('FLIMD_E_TRAINING', `the loss is ${loss} at step ${this.step}`, {
      value: loss,
      action: 'train again with a lower --learning-rate',
    });
  }
}

/** Layer by layer where both networks have it; a decoder may be left out or begun anew. */
function takeWeights(network: Network, initial: Checkpoint): void {
  const shared = initial.variables.slice(0, network.variables.length);
  const fits = shared.every(
    ({ shape }, at) => JSON.stringify(shape) === JSON.stringify(network.variables[at]!.shape),
  );
  if (!fits) {
    throw new FlimdError('FLIMD_E_TRAINING', 'the initial weights are of a network of another shape', {
      value: shapeOf(initial.options),
      expected: JSON.stringify(network.shape),
      action: 'give the --hidden and --head of the checkpoint',
    });
  }
  setVariables(network, shared);
}
