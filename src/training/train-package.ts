import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { getBackend, version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import type { IntegerDecoder } from '../lifetime/integer-decoder.js';
import { type ModelPackage, writeModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import { fsFromPs } from '../protocol/units.js';
import { version } from '../version.js';
import { accuracyCard, type CardOptions, type CardRow } from './accuracy.js';
import { type Checkpoint, networkOf, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { decayStepPs } from './decays.js';
import { exportDecoder, exportNetwork } from './export.js';
import type { Network } from './network.js';
import { checkOptions, type QatPrecision, type TrainingOptions } from './options.js';
import { calibrationBatch, quantizeAfterTraining } from './ptq.js';
import { startTensors } from './tensor-backend.js';
import { Trainer, type TrainingProgress } from './trainer.js';

export interface TrainPackageHooks {
  /** The teacher answers the batches of a distillation; 0 to 1. */
  onLabels?: (fractionDone: number) => void;
  onProgress?: (progress: TrainingProgress) => void;
  /** The network is trained; its accuracy is being measured. */
  onMeasuring?: () => void;
  signal?: AbortSignal;
  /** How closely the accuracy is measured. */
  card?: CardOptions;
}

const checkpointFile = (directory: string): string => path.join(directory, 'checkpoint.json');

/** What a training leaves: a package, or in float a checkpoint only. */
export type Made = { package: ModelPackage } | { checkpoint: string };

/**
 * Trains a network and writes its package into `directory`; in float, its checkpoint. Null where the signal came
 * first (the checkpoint there then holds all that was learned).
 */
export async function trainPackage(
  directory: string,
  options: TrainingOptions,
  hooks: TrainPackageHooks = {},
  { teacher = null, initial = null }: { teacher?: string | null; initial?: Checkpoint | null } = {},
): Promise<Made | null> {
  const files = { teacher, labels: teacher && path.join(directory, 'labels.bin') };
  return finishTraining(directory, await Trainer.create(options, files, initial), hooks);
}

/** Goes on from the checkpoint in `directory`. */
export async function resumePackage(directory: string, hooks: TrainPackageHooks = {}): Promise<Made | null> {
  const checkpoint = await readCheckpoint(checkpointFile(directory));
  return finishTraining(directory, await Trainer.resume(checkpoint), hooks);
}

/**
 * The package of a finished training. A float one is quantized after it, with pixels of its own prior for
 * calibration; `precision` is ignored otherwise.
 */
export async function packageCheckpoint(
  directory: string,
  checkpoint: Checkpoint,
  precision: QatPrecision,
  names: Pick<TrainingOptions, 'name' | 'description'>,
  card?: CardOptions,
): Promise<ModelPackage> {
  const own = checkpoint.options.precision;
  checkOptions({ ...checkpoint.options, ...names, precision: own ?? precision });
  checkFinished(checkpoint);
  await startTensors();
  const network = networkOf(checkpoint, checkpoint.options.threads);
  const afterwards = own === null;
  if (afterwards) quantizeAfterTraining(network, precision, calibrationBatch(checkpoint.options));
  await mkdir(directory, { recursive: true });
  const options = { ...checkpoint.options, ...names };
  const record = {
    ...trainingRecord({ options, network, state: checkpoint }),
    quantized: afterwards ? `after training, ${precision} bit` : 'in training',
  };
  const exported = { ...options, precision: options.precision ?? precision };
  const made = await writePackage(directory, network, exported, record, card);
  network.dispose();
  return made;
}

function checkFinished({ step, options }: Checkpoint): void {
  if (options.steps === null || step >= options.steps) return;
  throw new FlimdError('FLIMD_E_TRAINING', 'the checkpoint is of a training that is not finished', {
    value: step,
    expected: `${options.steps} steps`,
    action: 'go on with it first: flimd model train --resume, or flimd model study',
  });
}

async function finishTraining(
  directory: string,
  trainer: Trainer,
  { onLabels, onProgress, onMeasuring, signal, card }: TrainPackageHooks,
): Promise<Made | null> {
  await mkdir(directory, { recursive: true });
  const file = checkpointFile(directory);
  const finished = await trainer.run({
    onLabels,
    onProgress,
    signal,
    onCheckpoint: (checkpoint) => writeCheckpoint(file, checkpoint),
  });
  if (!finished) return null;
  const { options, network, files } = trainer;
  // Hundreds of megabytes that nothing needs any more.
  if (files.labels !== null) await rm(files.labels, { force: true });
  if (options.precision === null) {
    await writeCheckpoint(file, await trainer.checkpoint());
    trainer.dispose();
    return { checkpoint: file };
  }
  onMeasuring?.();
  const written = await writePackage(directory, network, options, trainingRecord(trainer), card);
  await rm(file, { force: true });
  trainer.dispose();
  return { package: written };
}

async function writePackage(
  directory: string,
  trained: Network,
  options: TrainingOptions,
  training: Record<string, unknown>,
  card?: CardOptions,
): Promise<ModelPackage> {
  const { prior } = options;
  const settings = {
    gates: prior.gatesFs.length,
    minPhotons: Math.ceil(options.photons[0]),
    photonFeature: options.photonFeature,
    lifetimeRangePs: [Math.round(prior.tauPs[0]), Math.round(prior.tauPs[1])] as const,
  };
  const network = exportNetwork(trained, settings, options.precision!);
  const rows = accuracyCard(network, prior, { seed: options.seed, ...card });
  return writeModelPackage(directory, {
    name: options.name,
    description: options.description,
    network,
    timing: { laserPeriodFs: prior.laserPeriodFs, gatesFs: prior.gatesFs },
    decoder: decoderOf(trained, options),
    training,
    accuracy: { estimator: 'integer network', prior: 'as trained', rows: rows.map(rounded) },
  });
}

function decoderOf(trained: Network, { prior, precision }: TrainingOptions): IntegerDecoder | null {
  const weights = exportDecoder(trained, precision!);
  return (
    weights && {
      ...weights,
      stepFs: fsFromPs(decayStepPs(prior)),
      zeroFs: fsFromPs(prior.irfCenterPs),
    }
  );
}

function trainingRecord({
  options: all,
  network,
  state,
}: Pick<Trainer, 'options' | 'network' | 'state'>): Record<string, unknown> {
  const { name: _name, description: _description, ...options } = all;
  const { step, elapsedSeconds, lossLog } = state;
  return {
    options,
    stepsDone: step,
    wallSeconds: Math.round(elapsedSeconds),
    lossLog: lossLog.map(({ step: at, loss }) => [at, Number(loss.toPrecision(5))]),
    versions: {
      flimd: version,
      node: process.version,
      tfjs: tfjsVersion,
      tensors: getBackend(),
      encoder: network.simd,
    },
  };
}

/** Picoseconds to one decimal: the rest is sampling noise. */
function rounded({ photons, valid, ...figures }: CardRow): Record<string, unknown> {
  const tenths = ([output, ps]: [string, number]) => [output, Math.round(10 * ps) / 10];
  const perOutput = ([name, values]: [string, Record<string, number>]) => [
    name,
    Object.fromEntries(Object.entries(values).map(tenths)),
  ];
  return { photons, valid, ...Object.fromEntries(Object.entries(figures).map(perOutput)) };
}
