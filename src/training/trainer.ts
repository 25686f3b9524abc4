import { Random } from '../random/random.js';
import { lifetimeOutputs } from '../lifetime/integer-network.js';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import { BatchStream } from './batch-stream.js';
import type { Checkpoint, LossPoint, TrainingState } from './checkpoint.js';
import { Learner } from './learner.js';
import { LossMeter } from './loss-meter.js';
import { createNativeGruEncoder } from './native.js';
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

/** A training run: examples in, a trained student out. */
export class Trainer {
  private step = 0;
  private elapsedSeconds = 0;
  private readonly lossLog: LossPoint[] = [];

  private constructor(
    readonly options: TrainingOptions,
    private readonly learner: Learner,
    /** Instruction set of the native encoder. */
    readonly simd: string,
  ) {}

  /** Throws FLIMD_E_CONFIG for a bad option and FLIMD_E_NATIVE_MISSING. */
  static async create(options: TrainingOptions): Promise<Trainer> {
    checkOptions(options);
    await startTensors();
    const { hidden, head, prior, threads, seed } = options;
    const native = createNativeGruEncoder(hidden, prior.gatesFs.length, threads);
    const shape = { hidden, head, outputs: lifetimeOutputs.length };
    const student = new Student(shape, native, new Random(seed, STREAM_INITIAL_WEIGHTS));
    return new Trainer(options, new Learner(student), native.simd);
  }

  static async resume(checkpoint: Checkpoint): Promise<Trainer> {
    const trainer = await Trainer.create(checkpoint.options);
    trainer.step = checkpoint.step;
    trainer.elapsedSeconds = checkpoint.elapsedSeconds;
    trainer.lossLog.push(...checkpoint.lossLog);
    await trainer.learner.restore(checkpoint);
    return trainer;
  }

  get student(): Student {
    return this.learner.student;
  }

  get state(): TrainingState {
    return { step: this.step, elapsedSeconds: this.elapsedSeconds, lossLog: this.lossLog };
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
    return {
      format: 'flimd-checkpoint',
      ...this.state,
      options: this.options,
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

  private learn(batch: Batch): number {
    const rate = learningRateAt(this.options.learningRate, this.step, this.fractionDone);
    const loss = this.learner.learn(batch, rate);
    if (Number.isFinite(loss)) return loss;
    throw new FlimdError('FLIMD_E_TRAINING', `the loss is ${loss} at step ${this.step}`, {
      value: loss,
      action: 'train again with a lower --learning-rate',
    });
  }
}
