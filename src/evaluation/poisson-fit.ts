import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { photonsOf } from './estimator.js';
import type { DecayMixture } from './decay-mixture.js';

export interface FitBounds {
  low: number[];
  high: number[];
}

export interface Fit {
  parameters: number[];
  /** Of the counts given their sum, without the terms that no parameter changes. */
  logLikelihood: number;
}

/** Fits with fixed weights, and steps of each. */
const ROUNDS = 12;
const STEPS = 6;
/** A round that moves no parameter by more than this part of a photon-limited error has converged. */
const SETTLED = 1e-3;
/** First damping, as a part of the photons: so large are the diagonal elements it is added to. */
const DAMPING = 1e-3;
/** Expected photons of a gate below which its weight grows no further, photons. */
const LEAST_EXPECTED = 0.01;

/**
 * Levenberg–Marquardt with Pearson weights, 1 / expected photons, which are renewed from the fit until it settles:
 * that point is the maximum of the Poisson likelihood (Laurence and Chromy, 2010), without the bias at low counts of
 * weights taken from the data.
 */
export function fitPoisson(
  mixture: DecayMixture,
  counts: Uint32Array,
  start: number[],
  bounds: FitBounds,
): Fit {
  const photons = photonsOf(counts);
  let best: Fit = { parameters: start, logLikelihood: logLikelihood(mixture, counts, start) };
  let parameters = start;
  for (let round = 0; round < ROUNDS; round++) {
    const found = fitWeighted(mixture, counts, photons, parameters, bounds);
    const moved = Math.max(...found.map((value, k) => Math.abs(value - parameters[k]!)));
    parameters = found;
    const likelihood = logLikelihood(mixture, counts, parameters);
    if (likelihood > best.logLikelihood) best = { parameters, logLikelihood: likelihood };
    if (moved * Math.sqrt(photons) < SETTLED) break;
  }
  return best;
}

/**
 * Residuals and derivatives are divided by the error here and the library is given the weight 1: version 5.1 uses
 * other weights for the curvature (ml-matrix 6.15 multiplies where it used to divide) and then hardly moves.
 */
function fitWeighted(
  mixture: DecayMixture,
  counts: Uint32Array,
  photons: number,
  start: number[],
  bounds: FitBounds,
): number[] {
  mixture.evaluate(start);
  const errors = mixture.shares.map((share) => Math.sqrt(Math.max(photons * share, LEAST_EXPECTED)));
  const measured = errors.map((error, gate) => counts[gate]! / error);
  const partials = Array.from({ length: counts.length }, () => new Array<number>(start.length));
  const expected = (parameters: number[]) => {
    mixture.evaluate(parameters);
    return (gate: number): number => (photons * mixture.shares[gate]!) / errors[gate]!;
  };
  const jacobianFunction = (parameters: number[]) => {
    mixture.evaluate(parameters);
    for (let k = 0; k < start.length; k++) {
      let pull = 0;
      for (let gate = 0; gate < counts.length; gate++) {
        const partial = (photons * mixture.slopes[k]![gate]!) / errors[gate]!;
        partials[gate]![k] = partial;
        pull += partial * (measured[gate]! - (photons * mixture.shares[gate]!) / errors[gate]!);
      }
      // A parameter that is drawn across its bound stays there, and the others are fitted without it.
      const atLow = parameters[k]! <= bounds.low[k]! && pull < 0;
      const atHigh = parameters[k]! >= bounds.high[k]! && pull > 0;
      if (atLow || atHigh) for (const row of partials) row[k] = 0;
    }
    return (gate: number): number[] => partials[gate]!;
  };
  const options = { initialValues: start, minValues: bounds.low, maxValues: bounds.high, jacobianFunction };
  return levenbergMarquardt({ x: gateNumbers(counts.length), y: measured }, expected, {
    ...options,
    maxIterations: STEPS,
    damping: DAMPING * photons,
  }).parameterValues;
}

const gateNumbers = (gates: number): number[] => Array.from({ length: gates }, (_, gate) => gate);

function logLikelihood(mixture: DecayMixture, counts: Uint32Array, parameters: number[]): number {
  mixture.evaluate(parameters);
  let sum = 0;
  for (let gate = 0; gate < counts.length; gate++) {
    // Far before the pulse a share may round to zero or below.
    if (counts[gate]! > 0) sum += counts[gate]! * Math.log(Math.max(mixture.shares[gate]!, 1e-12));
  }
  return sum;
}
