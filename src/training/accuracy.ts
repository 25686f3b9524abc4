import { Random } from '../random/random.js';
import type { IntegerNetwork, LifetimeOutput } from '../lifetime/integer-network.js';
import { inferLifetimes } from '../lifetime/reference.js';
import { PosteriorMean } from './bayes.js';
import { type DecayPrior, DecaySource, drawCounts, type MeanLifetimes } from './decays.js';

type PerOutput = Record<LifetimeOutput, number>;

export interface AccuracyRow {
  /** Photons a pixel expects in its gates. */
  photons: number;
  /** Part of the pixels with an estimate; the others are in none of the figures. */
  valid: number;
  rmsePs: PerOutput;
  biasPs: PerOutput;
  /** Root mean square of the standard errors an estimator gives, ps; NaN where it gives none. */
  standardErrorPs: PerOutput;
}

/** An accuracy card row beside the smallest error any estimator could have, on the same pixels. */
export interface CardRow extends AccuracyRow {
  bayesRmsePs: PerOutput;
}

/** Lifetimes from the photons of a pixel in each gate; null where there is no estimate. */
export type Estimator = (counts: Uint32Array) => Estimate | null;

export interface Estimate extends MeanLifetimes {
  /** Of the amplitude-weighted and of the intensity-weighted mean. */
  standardErrorsPs?: readonly [number, number];
}

const STREAM_PIXELS = 3;
const STREAM_PRIOR = 4;

/** Photon counts of the accuracy card: those of field notes §2. */
const CARD_PHOTONS = [100, 500, 2000] as const;

/** The integer network of a package. */
export function networkEstimator(network: IntegerNetwork): Estimator {
  return (counts) => {
    const found = inferLifetimes(network, counts, network.minPhotons);
    if (found === null) return null;
    const [tauAmplitudePs, tauIntensityPs, ofAmplitude, ofIntensity] = found as [
      number,
      number,
      number,
      number,
    ];
    return { tauAmplitudePs, tauIntensityPs, standardErrorsPs: [ofAmplitude, ofIntensity] };
  };
}

/** How far an estimator is off on pixels drawn from a prior; the same pixels for the same seed. */
export function measureAccuracy(
  estimate: Estimator,
  prior: DecayPrior,
  photons: number,
  pixels: number,
  seed: number,
): AccuracyRow {
  const source = new DecaySource(prior);
  const random = new Random(seed, STREAM_PIXELS, photons);
  const shares = new Float64Array(source.gates);
  const counts = new Uint32Array(source.gates);
  const errors: (readonly [number, number])[] = [];
  const standardErrors: (readonly [number, number])[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const truth = source.draw(random, photons, shares);
    drawCounts(random, shares, photons, counts);
    const found = estimate(counts);
    if (found === null) continue;
    errors.push([found.tauAmplitudePs - truth.tauAmplitudePs, found.tauIntensityPs - truth.tauIntensityPs]);
    standardErrors.push(found.standardErrorsPs ?? [NaN, NaN]);
  }
  const mean = (values: (readonly [number, number])[], figure: (value: number) => number): number[] =>
    [0, 1].map((output) => values.reduce((sum, value) => sum + figure(value[output]!), 0) / values.length);
  const square = (value: number): number => value * value;
  return {
    photons,
    valid: errors.length / pixels,
    rmsePs: perOutput(mean(errors, square).map(Math.sqrt)),
    biasPs: perOutput(mean(errors, (error) => error)),
    standardErrorPs: perOutput(mean(standardErrors, square).map(Math.sqrt)),
  };
}

function perOutput([amplitude, intensity]: number[]): PerOutput {
  return { meanLifetimeAmplitude: amplitude!, meanLifetimeIntensity: intensity! };
}

export interface CardOptions {
  pixels?: number;
  /** Decays that stand for the prior in the Bayes limit. */
  samples?: number;
  seed?: number;
}

/** The accuracy card of a package: the integer network beside the Bayes limit of the prior it was trained on. */
export function accuracyCard(
  network: IntegerNetwork,
  prior: DecayPrior,
  options: CardOptions = {},
): CardRow[] {
  const { pixels = 2000, samples = 50_000, seed = 1 } = options;
  return CARD_PHOTONS.map((photons) => {
    const posterior = new PosteriorMean(
      new DecaySource(prior),
      photons,
      samples,
      new Random(seed, STREAM_PRIOR, photons),
    );
    const bayes = measureAccuracy((counts) => posterior.of(counts), prior, photons, pixels, seed);
    const found = measureAccuracy(networkEstimator(network), prior, photons, pixels, seed);
    return { ...found, bayesRmsePs: bayes.rmsePs };
  });
}
