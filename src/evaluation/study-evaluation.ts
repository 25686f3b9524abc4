import { type Checkpoint, networkOf } from '../training/checkpoint.js';
import { startTensors } from '../training/tensor-backend.js';
import { FlimdError } from '../protocol/errors.js';
import { version } from '../version.js';
import { classicalEstimators } from './classical-estimators.js';
import type { CompressionStudy, ErrorsByPhotons } from './compression-study.js';
import { errorsOf, figuresOf } from './figures.js';
import { monoFigures } from './mono-precision.js';
import { estimateByNetwork } from './network-estimates.js';
import { type BayesReference, bayesReference, type Effort, networkRows } from './network-rows.js';
import { drawPixels } from './pixel-set.js';
import { evaluateRecordings } from './recordings.js';
import {
  CONTROL,
  FIRST_ROUND,
  MONO,
  planStudy,
  type Stage,
  studyId,
  type StudyOptions,
} from './study-plan.js';
import { finishedStage } from './study-stage.js';
import { studyTargets } from './targets.js';
import { uncertaintyRows } from './uncertainty.js';

export interface EvaluationOptions {
  /** Pixels behind each figure. */
  pixels: number;
  /** Decays that stand for the prior in the Bayes limit. */
  samples: number;
  seed: number;
  threads: number;
  /** Folder of the recordings with reference lifetimes; null: none. */
  recordings: string | null;
  /** Folder of the packages for them. */
  models: string;
  onProgress?: (what: string, fractionDone: number) => void;
}

type Trained = { stage: Stage; checkpoint: Checkpoint };

export const PHOTONS = [50, 100, 500, 2000] as const;
/** Pixels of the mono-exponential figures, which need no Bayes limit. */
const MONO_PIXELS = 4000;
const NS = 1000;

/** Measures every network of a trained study. Throws FLIMD_E_STUDY where a stage is missing. */
export async function evaluateStudy(
  directory: string,
  study: StudyOptions,
  options: EvaluationOptions,
): Promise<CompressionStudy> {
  await startTensors();
  const report = options.onProgress ?? (() => {});
  const trained = await loadTrained(directory, study);
  report('recordings', 0);
  const recordings =
    options.recordings === null ? [] : await evaluateRecordings(options.recordings, options.models);
  const references = PHOTONS.map((photons, at) => {
    report('Bayes limit', at / PHOTONS.length);
    const pixels = drawPixels(study.common.prior, photons, options.pixels, options.seed);
    return bayesReference(study.common.prior, pixels, options.samples, options.seed);
  });
  const compared = trained.filter(({ stage }) => !isSideStage(stage));
  const rows = compared.flatMap(({ stage, checkpoint }, at) => {
    report('networks', at / compared.length);
    return networkRows(stage, checkpoint, effortOf(stage, trained), references, options.threads);
  });
  report('classical estimators', 0);
  const classical = classicalFigures(study, references);
  const mono = trained.find(({ stage }) => stage.id === MONO)!;
  const control = trained.find(({ stage }) => stage.id === CONTROL)!;
  const measured = {
    photons: [...PHOTONS],
    rows,
    control: networkRows(
      control.stage,
      control.checkpoint,
      effortOf(control.stage, trained),
      references,
      options.threads,
    ),
    classical,
    mono: monoFigures(mono.checkpoint, MONO_PIXELS, options.seed, options.threads),
    uncertainty: uncertaintyFigures(trained, study, references, options.threads),
    recordings,
  };
  return {
    format: 'flimd-compression-study',
    formatVersion: 1,
    made: madeBy(trained, options),
    study: { ...study },
    prior: { ...study.common.prior },
    description: describe(study),
    pixels: options.pixels,
    ...measured,
    kd: { rows: dissected(trained, references, study, options.threads) },
    targets: studyTargets(measured),
    trainingLogs: trained.map(trainingLog),
  };
}

/** Trainings that are no network of the comparison. */
const isSideStage = ({ id }: Stage): boolean =>
  [MONO, FIRST_ROUND, CONTROL].includes(id) || /-kd-(outputs|sequence)-/.test(id);

function effortOf({ id }: Stage, trained: readonly Trained[]): Effort {
  const { stage, checkpoint } = trained.find((candidate) => candidate.stage.id === id)!;
  const before = trained.find((candidate) => candidate.stage.id === stage.initial);
  const earlier = before ? effortOf(before.stage, trained) : { steps: 0, wallSeconds: 0 };
  return {
    steps: earlier.steps + checkpoint.step,
    wallSeconds: earlier.wallSeconds + Math.round(checkpoint.elapsedSeconds),
  };
}

async function loadTrained(directory: string, study: StudyOptions): Promise<Trained[]> {
  const stages = planStudy(study);
  const found = await Promise.all(
    stages.map(async (stage) => ({ stage, checkpoint: await finishedStage(directory, stage) })),
  );
  const missing = found.filter(({ checkpoint }) => checkpoint === null).map(({ stage }) => stage.id);
  if (missing.length === 0) return found as Trained[];
  throw new FlimdError('FLIMD_E_STUDY', `the study in ${directory} lacks ${missing.length} trainings`, {
    value: missing,
    expected: `${stages.length} finished checkpoints`,
    action: 'run flimd model study first: it goes on where it stopped',
  });
}

function classicalFigures(
  { common }: StudyOptions,
  references: readonly BayesReference[],
): CompressionStudy['classical'] {
  return classicalEstimators(common.prior).map(({ name, title, estimate }) => {
    const began = performance.now();
    const measured = references.map(({ pixels: set }) => {
      const found = set.counts.map(estimate);
      const errors = errorsOf('tauAmplitudePs', found, set.truths);
      return { photons: set.photons, valid: errors.length / found.length, ...figuresOf(errors) };
    });
    const seconds = (performance.now() - began) / 1000;
    const by = (figure: (m: (typeof measured)[number]) => number): Record<string, number | null> =>
      Object.fromEntries(
        measured.map((m) => [m.photons, Number.isFinite(figure(m)) ? rounded(figure(m)) : null]),
      );
    return {
      name,
      title,
      rmseNs: by((m) => m.rmse / NS),
      maeNs: by((m) => m.mae / NS),
      biasNs: by((m) => m.bias / NS),
      valid: by((m) => m.valid),
      pixelsPerSecond: rounded((measured.length * references[0]!.pixels.counts.length) / seconds),
    };
  });
}

/** Of the 8-bit student that is distilled: what a package says of itself. */
function uncertaintyFigures(
  trained: readonly Trained[],
  study: StudyOptions,
  references: readonly BayesReference[],
  threads: number,
): CompressionStudy['uncertainty'] {
  const id = studyId(study.dissectedSize, 'kd', 8);
  const { checkpoint } = trained.find(({ stage }) => stage.id === id)!;
  const network = networkOf(checkpoint, threads);
  const rows = references.flatMap(({ pixels }) => {
    const { photonFeature, precision } = checkpoint.options;
    const estimates = estimateByNetwork(network, precision, photonFeature, pixels.counts);
    return uncertaintyRows(pixels.photons, estimates, pixels.truths);
  });
  network.dispose();
  return { rows };
}

/** The student of which the distillation was taken apart, with neither, one or both of its parts. */
function dissected(
  trained: readonly Trained[],
  references: readonly BayesReference[],
  { dissectedSize }: StudyOptions,
  threads: number,
): CompressionStudy['kd']['rows'] {
  const parts = [
    ['scratch', false, false],
    ['kd-outputs', true, false],
    ['kd-sequence', false, true],
    ['kd', true, true],
  ] as const;
  return parts.map(([label, outputs, sequence]) => {
    const { checkpoint } = trained.find(({ stage }) => stage.id === studyId(dissectedSize, label, null))!;
    const network = networkOf(checkpoint, threads);
    const measured = references.map(({ pixels }) => {
      const { found } = estimateByNetwork(network, null, checkpoint.options.photonFeature, pixels.counts);
      const figures = figuresOf(errorsOf('tauAmplitudePs', found, pixels.truths));
      return [String(pixels.photons), figures] as const;
    });
    network.dispose();
    const by = (figure: 'mae' | 'rmse'): ErrorsByPhotons =>
      Object.fromEntries(measured.map(([photons, figures]) => [photons, rounded(figures[figure] / NS)]));
    return { hidden: dissectedSize, outputs, sequence, maeNs: by('mae'), rmseNs: by('rmse') };
  });
}

function madeBy(
  trained: readonly Trained[],
  { threads, seed, samples }: EvaluationOptions,
): CompressionStudy['made'] {
  const network = networkOf(trained[0]!.checkpoint, threads);
  const { simd } = network;
  network.dispose();
  return {
    at: new Date().toISOString(),
    flimd: version,
    node: process.version,
    simd,
    threads,
    seed,
    samples,
  };
}

function describe({ common: { prior } }: StudyOptions): string {
  const { laserPeriodFs, gatesFs, tauPs, mono } = prior;
  return (
    `${gatesFs.length} gates, laser period ${laserPeriodFs / 1e6} ns, two lifetimes of ` +
    `${tauPs.map((ps) => ps / NS).join(' to ')} ns in any proportion, ${100 * mono} % of the decays with one`
  );
}

function trainingLog({ stage, checkpoint }: Trained): CompressionStudy['trainingLogs'][number] {
  const { precision, hidden } = stage.options;
  return {
    name: stage.id,
    role: stage.role,
    hidden,
    training: stage.origin,
    quantization: precision === null ? 'float' : 'qat',
    bits: precision ?? 32,
    points: checkpoint.lossLog.map(({ step, loss }) => [step, rounded(loss)]),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(5));
