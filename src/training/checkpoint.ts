import { readFile, rename, writeFile } from 'node:fs/promises';
import { FlimdError } from '../protocol/errors.js';
import type { LearnerState } from './learner.js';
import type { TrainingOptions } from './options.js';

/** A point of the loss log: mean loss of the steps since the point before. */
export interface LossPoint {
  step: number;
  loss: number;
}

/** Where a training stands, apart from its tensors. */
export interface TrainingState {
  step: number;
  elapsedSeconds: number;
  lossLog: LossPoint[];
}

export interface Checkpoint extends TrainingState, LearnerState {
  format: 'flimd-checkpoint';
  options: TrainingOptions;
}

/** Whole or not at all: a run that is killed while writing leaves the checkpoint before. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const temporary = `${file}.part`;
  await writeFile(temporary, JSON.stringify(checkpoint));
  await rename(temporary, file);
}

export async function readCheckpoint(file: string): Promise<Checkpoint> {
  try {
    const checkpoint = JSON.parse(await readFile(file, 'utf8')) as Checkpoint;
    if (checkpoint.format === 'flimd-checkpoint') return checkpoint;
    throw new Error(`format is ${JSON.stringify(checkpoint.format)}`);
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_TRAINING',
      `no checkpoint to resume from: ${(cause as Error).message}`,
      { value: file, expected: 'a checkpoint of flimd model train', action: 'train without --resume' },
      { cause },
    );
  }
}
