import { type Estimator, networkEstimator } from '../training/accuracy.js';
import type { DecayPrior, MeanLifetimes } from '../training/decays.js';
import type { IntegerNetwork } from '../lifetime/integer-network.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import { inferLifetimes } from '../lifetime/reference.js';
import { FlimdError } from '../protocol/errors.js';
import { classicalEstimators } from './classical-estimators.js';
import { errorsOf, type Figures, figuresOf } from './figures.js';
import { bayesReference } from './network-rows.js';
import { drawPixels, type PixelSet } from './pixel-set.js';
import { PHOTONS } from './study-evaluation.js';
import { uncertaintyRows } from './uncertainty.js';

export interface EstimatorFigures {
  name: string;
  title: string;
  photons: number;
  /** Part of the pixels with an estimate; the others are in none of the figures. */
  valid: number;
  /** ps */
  meanLifetimeAmplitude: Figures;
  meanLifetimeIntensity: Figures;
}

export interface PackageEvaluation {
  name: string;
  hash: string;
  pixels: number;
  figures: EstimatorFigures[];
  uncertainty: ReturnType<typeof uncertaintyRows>;
}

/** The integer network of a package beside the Bayes limit of its prior and classical estimators, on the same pixels. */
export function evaluatePackage(
  model: ModelPackage,
  options: { pixels: number; samples: number; seed: number },
  onProgress: (what: string, fractionDone: number) => void = () => {},
): PackageEvaluation {
  const prior = priorOf(model);
  const classical = classicalEstimators(prior);
  const sets = PHOTONS.map((photons) => drawPixels(prior, photons, options.pixels, options.seed));
  const figures = sets.flatMap((set, at) => {
    onProgress(`${set.photons} photons`, at / sets.length);
    return [
      measure('network', 'Integer network', networkEstimator(model.network), set),
      bayesFigures(prior, set, options),
      ...classical.map(({ name, title, estimate }) => measure(name, title, estimate, set)),
    ];
  });
  const uncertainty = sets.flatMap((set) => uncertaintyOf(model.network, set));
  return { name: model.name, hash: model.hash, pixels: options.pixels, figures, uncertainty };
}

function priorOf({ name, training }: ModelPackage): DecayPrior {
  const { prior } = (training['options'] ?? {}) as { prior?: DecayPrior };
  if (prior !== undefined) return prior;
  throw new FlimdError('FLIMD_E_MODEL_FILE', `the package ${name} does not say what it was trained for`, {
    expected: 'training.options.prior, as flimd model train writes it',
    action: 'train it with flimd model train',
  });
}

function measure(name: string, title: string, estimate: Estimator, { photons, counts, truths }: PixelSet) {
  const found: (MeanLifetimes | null)[] = counts.map(estimate);
  return figuresFrom(name, title, photons, found, truths);
}

function bayesFigures(prior: DecayPrior, set: PixelSet, options: { samples: number; seed: number }) {
  const { found } = bayesReference(prior, set, options.samples, options.seed);
  return figuresFrom('bayes', 'Bayes limit', set.photons, found, set.truths);
}

function figuresFrom(
  name: string,
  title: string,
  photons: number,
  found: readonly (MeanLifetimes | null)[],
  truths: PixelSet['truths'],
): EstimatorFigures {
  const amplitude = errorsOf('tauAmplitudePs', found, truths);
  return {
    name,
    title,
    photons,
    valid: amplitude.length / found.length,
    meanLifetimeAmplitude: figuresOf(amplitude),
    meanLifetimeIntensity: figuresOf(errorsOf('tauIntensityPs', found, truths)),
  };
}

/** Predicted beside true standard errors of the integer network, over the pixels it finds valid. */
export function uncertaintyOf(network: IntegerNetwork, { photons, counts, truths }: PixelSet) {
  const answers = counts.map((ofPixel) => inferLifetimes(network, ofPixel, network.minPhotons));
  const valid = answers.flatMap((answer, pixel) =>
    answer === null ? [] : [{ answer, truth: truths[pixel]! }],
  );
  return uncertaintyRows(
    photons,
    {
      found: valid.map(({ answer }) => ({ tauAmplitudePs: answer[0]!, tauIntensityPs: answer[1]! })),
      standardErrorsPs: valid.map(({ answer }) => [answer[2]!, answer[3]!]),
    },
    valid.map(({ truth }) => truth),
  );
}
