import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import { type ModelPackage, writeModelPackage } from '../lifetime/model-package.js';
import { version } from '../version.js';
import { accuracyCard, type CardOptions, type CardRow } from './accuracy.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { exportNetwork } from './export.js';
import type { TrainingOptions } from './options.js';
import { Trainer, type TrainingProgress } from './trainer.js';

export interface TrainPackageHooks {
  onProgress?: (progress: TrainingProgress) => void;
  /** The network is trained; its accuracy is being measured. */
  onMeasuring?: () => void;
  signal?: AbortSignal;
  /** How closely the accuracy is measured. */
  card?: CardOptions;
}

const checkpointFile = (directory: string): string => path.join(directory, 'checkpoint.json');

/**
 * Trains a network and writes its package into `directory`; null where the signal came first (the checkpoint there
 * then holds all that was learned).
 */
export async function trainPackage(
  directory: string,
  options: TrainingOptions,
  hooks: TrainPackageHooks = {},
): Promise<ModelPackage | null> {
  return finishTraining(directory, await Trainer.create(options), hooks);
}

/** Goes on from the checkpoint in `directory`. */
export async function resumePackage(
  directory: string,
  hooks: TrainPackageHooks = {},
): Promise<ModelPackage | null> {
  const checkpoint = await readCheckpoint(checkpointFile(directory));
  return finishTraining(directory, await Trainer.resume(checkpoint), hooks);
}

async function finishTraining(
  directory: string,
  trainer: Trainer,
  { onProgress, onMeasuring, signal, card }: TrainPackageHooks,
): Promise<ModelPackage | null> {
  await mkdir(directory, { recursive: true });
  const finished = await trainer.run({
    onProgress,
    signal,
    onCheckpoint: (checkpoint) => writeCheckpoint(checkpointFile(directory), checkpoint),
  });
  if (!finished) return null;
  onMeasuring?.();
  const written = await writePackage(directory, trainer, card);
  await rm(checkpointFile(directory), { force: true });
  trainer.dispose();
  return written;
}

async function writePackage(directory: string, trainer: Trainer, card?: CardOptions): Promise<ModelPackage> {
  const { options } = trainer;
  const { prior } = options;
  const network = exportNetwork(trainer.network, {
    gates: prior.gatesFs.length,
    minPhotons: Math.ceil(options.photons[0]),
    photonFeature: options.photonFeature,
    lifetimeRangePs: [Math.round(prior.tauPs[0]), Math.round(prior.tauPs[1])],
  });
  const rows = accuracyCard(network, prior, { seed: options.seed, ...card });
  return writeModelPackage(directory, {
    name: options.name,
    description: options.description,
    network,
    timing: { laserPeriodFs: prior.laserPeriodFs, gatesFs: prior.gatesFs },
    training: trainingRecord(trainer),
    accuracy: { estimator: 'integer network', prior: 'as trained', rows: rows.map(rounded) },
  });
}

function trainingRecord(trainer: Trainer): Record<string, unknown> {
  const { name: _name, description: _description, ...options } = trainer.options;
  const { step, elapsedSeconds, lossLog } = trainer.state;
  return {
    options,
    stepsDone: step,
    wallSeconds: Math.round(elapsedSeconds),
    lossLog: lossLog.map(({ step: at, loss }) => [at, Number(loss.toPrecision(5))]),
    versions: { flimd: version, node: process.version, tfjs: tfjsVersion, encoder: trainer.network.simd },
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
