import { Random } from '../random/random.js';
import { PosteriorMean } from '../training/bayes.js';
import { type Checkpoint, networkOf } from '../training/checkpoint.js';
import {
  type DecayPrior,
  DecaySource,
  decayStepPs,
  type DecayTruth,
  deconvolvedDecay,
} from '../training/decays.js';
import type { Network } from '../training/network.js';
import { calibrationBatch, quantizeAfterTraining } from '../training/ptq.js';
import type { Precision } from '../training/quantize.js';
import type { ErrorsByPhotons, StudyRow } from './compression-study.js';
import { errorsOf, type Figures, figuresOf, type Quantity } from './figures.js';
import { estimateByNetwork, type NetworkEstimates } from './network-estimates.js';
import { decoderSize, livePathSize } from './network-size.js';
import type { PixelSet } from './pixel-set.js';
import type { Stage } from './study-plan.js';

/** The best estimates of some pixels: no other has a smaller RMSE on their prior. */
export interface BayesReference {
  pixels: PixelSet;
  found: DecayTruth[];
}

/** @param samples decays that stand for the prior */
export function bayesReference(
  prior: DecayPrior,
  pixels: PixelSet,
  samples: number,
  seed: number,
): BayesReference {
  const random = new Random(seed, STREAM_PRIOR, pixels.photons);
  const posterior = new PosteriorMean(new DecaySource(prior), pixels.photons, samples, random);
  return { pixels, found: pixels.counts.map((counts) => posterior.of(counts)) };
}

const STREAM_PRIOR = 4;
const NS = 1000;

export type Quantization = { quantization: StudyRow['quantization']; bits: StudyRow['bits'] };

/** What a network cost, with the training it began with. */
export interface Effort {
  steps: number;
  wallSeconds: number;
}

/** How a float network is quantized after its training: one row each. */
const afterTraining: readonly Precision[] = [16, 8, 4];

/** The rows of a trained network: of its own precision and, where it is a float student, quantized afterwards. */
export function networkRows(
  stage: Stage,
  checkpoint: Checkpoint,
  effort: Effort,
  references: readonly BayesReference[],
  threads: number,
): StudyRow[] {
  const { precision } = stage.options;
  const own: Quantization =
    precision === null ? { quantization: 'float', bits: 32 } : { quantization: 'qat', bits: precision };
  const rows = [networkRow(stage, checkpoint, effort, own, references, threads)];
  if (precision !== null || stage.role === 'teacher') return rows;
  const later = afterTraining.map((bits) =>
    networkRow(stage, checkpoint, effort, { quantization: 'ptq', bits }, references, threads),
  );
  return [...rows, ...later];
}

function networkRow(
  stage: Stage,
  checkpoint: Checkpoint,
  effort: Effort,
  { quantization, bits }: Quantization,
  references: readonly BayesReference[],
  threads: number,
): StudyRow {
  const { options } = checkpoint;
  const precision = bits === 32 ? null : bits;
  const network = networkOf(checkpoint, threads);
  if (quantization === 'ptq') {
    quantizeAfterTraining(network, bits as Precision, calibrationBatch(options));
  }
  const measured = references.map((reference) =>
    measureNetwork(network, precision, options.photonFeature, options.prior, reference),
  );
  const by = (figure: (m: Measured) => number): ErrorsByPhotons =>
    Object.fromEntries(measured.map((m) => [m.photons, rounded(figure(m))]));
  const errors = (quantity: Quantity, unit: number) => ({
    rmse: by((m) => m.network[quantity].rmse / unit),
    mae: by((m) => m.network[quantity].mae / unit),
    bias: by((m) => m.network[quantity].bias / unit),
    bayesRmse: by((m) => m.bayes[quantity].rmse / unit),
  });
  const inNs = (quantity: Quantity) => {
    const { rmse, mae, bias, bayesRmse } = errors(quantity, NS);
    return { rmseNs: rmse, maeNs: mae, biasNs: bias, bayesRmseNs: bayesRmse };
  };
  const row: StudyRow = {
    role: stage.role,
    hidden: options.hidden,
    training: stage.origin,
    quantization,
    bits,
    ...livePathSize(network.shape, precision),
    decoder: options.decoder ? decoderSize(network.shape, precision) : null,
    ...effort,
    ...inNs('tauAmplitudePs'),
    bayesMaeNs: by((m) => m.bayes.tauAmplitudePs.mae / NS),
    outputs: {
      meanLifetimeIntensity: inNs('tauIntensityPs'),
      tau1: inNs('tau1Ps'),
      tau2: inNs('tau2Ps'),
      fraction: errors('fraction1', 1),
    },
    sequenceRmse: options.decoder ? by((m) => m.sequenceRmse!) : null,
    standardErrorRatio: by((m) => m.standardErrorRatio),
  };
  network.dispose();
  return row;
}

interface Measured {
  photons: number;
  network: Record<Quantity, Figures>;
  bayes: Record<Quantity, Figures>;
  sequenceRmse: number | null;
  standardErrorRatio: number;
}

function measureNetwork(
  network: Network,
  precision: Precision | null,
  photonFeature: readonly [number, number],
  prior: DecayPrior,
  { pixels, found }: BayesReference,
): Measured {
  const estimates = estimateByNetwork(network, precision, photonFeature, pixels.counts);
  return {
    photons: pixels.photons,
    network: allFigures(estimates.found, pixels.truths),
    bayes: allFigures(found, pixels.truths),
    sequenceRmse: estimates.decays && sequenceRmse(estimates.decays, pixels.truths, decayStepPs(prior)),
    standardErrorRatio: standardErrorRatio(estimates, pixels.truths),
  };
}

function allFigures(
  found: readonly (DecayTruth | null)[],
  truths: readonly DecayTruth[],
): Record<Quantity, Figures> {
  const of = (quantity: Quantity): Figures => figuresOf(errorsOf(quantity, found, truths));
  return {
    tauAmplitudePs: of('tauAmplitudePs'),
    tauIntensityPs: of('tauIntensityPs'),
    tau1Ps: of('tau1Ps'),
    tau2Ps: of('tau2Ps'),
    fraction1: of('fraction1'),
  };
}

/** Of the decoded decay against the true one, which is 1 at time zero. */
function sequenceRmse(
  decays: readonly Float32Array[],
  truths: readonly DecayTruth[],
  stepPs: number,
): number {
  const truth = new Float32Array(decays[0]!.length);
  let sum = 0;
  decays.forEach((decay, pixel) => {
    deconvolvedDecay(truths[pixel]!, stepPs, truth);
    decay.forEach((value, step) => (sum += (value - truth[step]!) ** 2));
  });
  return Math.sqrt(sum / (decays.length * truth.length));
}

/** Root mean square of the predicted standard errors of tau_amp over that of the true errors. */
function standardErrorRatio(
  { found, standardErrorsPs }: NetworkEstimates,
  truths: readonly DecayTruth[],
): number {
  const predicted = standardErrorsPs.reduce((sum, [ps]) => sum + ps ** 2, 0);
  const actual = errorsOf('tauAmplitudePs', found, truths).reduce((sum, error) => sum + error ** 2, 0);
  return Math.sqrt(predicted / actual);
}

/** Five digits: the rest is sampling noise. */
const rounded = (value: number): number => Number(value.toPrecision(5));
