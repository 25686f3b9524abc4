import { Random } from '../../src/random/random.js';
import { type DecayPrior, DecaySource, type MeanLifetimes, drawCounts } from '../../src/training/decays.js';
import type { LifetimeEstimator } from '../../src/evaluation/estimator.js';
import { Instrument } from '../../src/evaluation/instrument.js';

/** Of the errors of one mean lifetime over pixels. */
export interface ErrorFigures {
  rmsePs: number;
  maePs: number;
  biasPs: number;
}

export interface Measurement {
  /** Photons a pixel expects in its gates. */
  photons: number;
  /** Part of the pixels with an estimate; the others are in none of the figures. */
  valid: number;
  tauAmplitude: ErrorFigures;
  tauIntensity: ErrorFigures;
}

/** Of the intensity-weighted mean, which of one lifetime is the lifetime. */
export interface MonoPrecision {
  photons: number;
  valid: number;
  biasPs: number;
  standardDeviationPs: number;
  rmsePs: number;
  /** σ_τ / τ · √N, to stand beside the Cramér–Rao bound. */
  f: number;
}

/** The stream of src/training/accuracy.ts: a seed means the same pixels here and there. */
const STREAM_PIXELS = 3;
const STREAM_MONO = 5;

/** How far an estimator is off on pixels drawn from a prior; the same pixels for the same seed. */
export function measureEstimator(
  estimate: LifetimeEstimator,
  prior: DecayPrior,
  photons: number,
  pixels: number,
  seed: number,
): Measurement {
  const source = new DecaySource(prior);
  const random = new Random(seed, STREAM_PIXELS, photons);
  const shares = new Float64Array(source.gates);
  const counts = new Uint32Array(source.gates);
  const errors: MeanLifetimes[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const truth = source.draw(random, photons, shares);
    drawCounts(random, shares, photons, counts);
    const found = estimate(counts);
    if (found === null) continue;
    errors.push({
      tauAmplitudePs: found.tauAmplitudePs - truth.tauAmplitudePs,
      tauIntensityPs: found.tauIntensityPs - truth.tauIntensityPs,
    });
  }
  return {
    photons,
    valid: errors.length / pixels,
    tauAmplitude: errorFigures(errors.map((error) => error.tauAmplitudePs)),
    tauIntensity: errorFigures(errors.map((error) => error.tauIntensityPs)),
  };
}

/**
 * How precisely an estimator finds one lifetime on the instrument of a prior: its response at its nominal place,
 * `background` of the photons even over the gates.
 */
export function monoPrecision(
  estimate: LifetimeEstimator,
  prior: DecayPrior,
  tauPs: number,
  photons: number,
  background: number,
  pixels: number,
  seed: number,
): MonoPrecision {
  const instrument = new Instrument(prior);
  const light = instrument.lightInGates(tauPs);
  const seen = light.reduce((sum, part) => sum + part);
  const shares = light.map(
    (part, gate) => (1 - background) * (part / seen) + background * instrument.widthShares[gate]!,
  );
  const random = new Random(seed, STREAM_MONO, photons);
  const counts = new Uint32Array(instrument.gates);
  const errors: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    drawCounts(random, shares, photons, counts);
    const found = estimate(counts);
    if (found !== null) errors.push(found.tauIntensityPs - tauPs);
  }
  const { rmsePs, biasPs } = errorFigures(errors);
  const standardDeviationPs = Math.sqrt(Math.max(0, rmsePs ** 2 - biasPs ** 2));
  const f = (standardDeviationPs / tauPs) * Math.sqrt(photons);
  return { photons, valid: errors.length / pixels, biasPs, standardDeviationPs, rmsePs, f };
}

/** NaN where no pixel has an estimate. */
function errorFigures(errorsPs: number[]): ErrorFigures {
  const mean = (figure: (error: number) => number): number =>
    errorsPs.reduce((sum, error) => sum + figure(error), 0) / errorsPs.length;
  return {
    rmsePs: Math.sqrt(mean((error) => error * error)),
    maePs: mean(Math.abs),
    biasPs: mean((error) => error),
  };
}
