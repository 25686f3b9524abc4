import { access } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';
import { type Checkpoint, readCheckpoint, weightsHash, writeCheckpoint } from '../training/checkpoint.js';
import type { TrainingOptions } from '../training/options.js';
import { Trainer, type TrainingProgress } from '../training/trainer.js';
import type { Stage, StudyOptions } from './study-plan.js';

export interface StageHooks {
  onProgress?: (progress: TrainingProgress) => void;
  onLabels?: (fractionDone: number) => void;
  signal?: AbortSignal;
}

export const stageFile = (directory: string, id: string): string => path.join(directory, `${id}.json`);

const isFinished = ({ step, options }: Checkpoint): boolean =>
  options.steps !== null && step >= options.steps;

/**
 * The checkpoint of a stage that has been trained to its end; null otherwise. Throws FLIMD_E_STUDY for one that was
 * trained otherwise than the stage says.
 */
export async function finishedStage(directory: string, stage: Stage): Promise<Checkpoint | null> {
  const checkpoint = await partialStage(directory, stage);
  return checkpoint !== null && isFinished(checkpoint) ? checkpoint : null;
}

async function partialStage(directory: string, stage: Stage): Promise<Checkpoint | null> {
  const file = stageFile(directory, stage.id);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) return null;
  const checkpoint = await readCheckpoint(file);
  checkTraining(checkpoint, stage, file);
  return checkpoint;
}

function checkTraining({ options }: Checkpoint, stage: Stage, file: string): void {
  const wanted = Object.entries(stage.options);
  const different = wanted.find(
    ([name, value]) => JSON.stringify(options[name as keyof TrainingOptions]) !== JSON.stringify(value),
  );
  if (different === undefined) return;
  const [name, expected] = different;
  throw new FlimdError('FLIMD_E_STUDY', `${file} is of another training: its ${name} differs`, {
    value: options[name as keyof TrainingOptions],
    expected: JSON.stringify(expected),
    action: 'delete it: it is trained again; and what was built on it',
  });
}

/** Trains a stage from the start or from its checkpoint, and leaves its checkpoint; true at the end. */
export async function runStage(
  directory: string,
  stage: Stage,
  study: StudyOptions,
  threads: number,
  hooks: StageHooks = {},
): Promise<boolean> {
  const file = stageFile(directory, stage.id);
  const partial = await partialStage(directory, stage);
  if (partial !== null && isFinished(partial)) return true;
  const trainer =
    partial === null ? await begin(directory, stage, study, threads) : await Trainer.resume(partial);
  try {
    const finished = await trainer.run({
      ...hooks,
      onCheckpoint: (checkpoint) => writeCheckpoint(file, checkpoint),
    });
    if (finished) await writeCheckpoint(file, await trainer.checkpoint());
    return finished;
  } finally {
    trainer.dispose();
  }
}

async function begin(
  directory: string,
  stage: Stage,
  study: StudyOptions,
  threads: number,
): Promise<Trainer> {
  const initial = stage.initial === null ? null : await readCheckpoint(stageFile(directory, stage.initial));
  const options: TrainingOptions = {
    ...stage.options,
    threads,
    initialWeights: initial && weightsHash(initial),
    teacher:
      stage.teacher === null
        ? null
        : {
            sha256: weightsHash(await readCheckpoint(stageFile(directory, stage.teacher))),
            belief: stage.belief!,
            batches: study.labelledBatches,
          },
  };
  const files =
    stage.teacher === null
      ? undefined
      : { teacher: stageFile(directory, stage.teacher), labels: path.join(directory, 'labels.bin') };
  return Trainer.create(options, files, initial);
}
