import { readFile, rename, writeFile } from 'node:fs/promises';
import { sha256 } from '../lifetime/model-hash.js';
import { FlimdError } from '../protocol/errors.js';
import { Random } from '../random/random.js';
import { type LearnerState, setVariables } from './learner.js';
import { Network, type NetworkShape } from './network.js';
import type { TrainingOptions } from './options.js';
import { OUTPUTS } from './outputs.js';

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

/** Files a training reads besides its options. */
export interface TrainingFiles {
  /** Checkpoint of the teacher. */
  teacher: string | null;
  /** The teacher's answers, made there where they are missing. */
  labels: string | null;
}

export interface Checkpoint extends TrainingState, LearnerState {
  format: 'flimd-checkpoint';
  options: TrainingOptions;
  files: TrainingFiles;
}

export const shapeOf = ({ prior, hidden, head, decoder }: TrainingOptions): NetworkShape => ({
  gates: prior.gatesFs.length,
  hidden,
  head,
  outputs: OUTPUTS,
  decoder,
});

/** The network of a checkpoint; needs `startTensors`. */
export function networkOf({ options, variables }: Checkpoint, threads: number): Network {
  const network = new Network(shapeOf(options), threads, new Random(0));
  setVariables(network, variables);
  return network;
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
      `no checkpoint in ${file}: ${(cause as Error).message}`,
      { value: file, expected: 'a checkpoint of flimd model train', action: 'train it first' },
      { cause },
    );
  }
}

/** What tells a trained network from another: SHA-256 of its weights. */
export function weightsHash({ variables }: Checkpoint): string {
  return sha256(Buffer.from(JSON.stringify(variables)));
}
