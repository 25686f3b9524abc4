import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { photonsOf } from './estimator.js';
import type { DecayMixture } from './decay-mixture.js';
import { type FitBounds, WeightedGates } from './weighted-gates.js';

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

function fitWeighted(
  mixture: DecayMixture,
  counts: Uint32Array,
  photons: number,
  start: number[],
  bounds: FitBounds,
): number[] {
  const gates = new WeightedGates(mixture, counts, photons, start, bounds);
  return levenbergMarquardt(
    { x: gates.numbers, y: gates.measured },
    (parameters) => gates.expected(parameters),
    {
      jacobianFunction: (parameters) => gates.slopes(parameters),
      initialValues: start,
      minValues: bounds.low,
      maxValues: bounds.high,
      maxIterations: STEPS,
      damping: DAMPING * photons,
    },
  ).parameterValues;
}

function logLikelihood(mixture: DecayMixture, counts: Uint32Array, parameters: number[]): number {
  mixture.evaluate(parameters);
  let sum = 0;
  for (let gate = 0; gate < counts.length; gate++) {
    // Far before the pulse a share may round to zero or below.
    if (counts[gate]! > 0) sum += counts[gate]! * Math.log(Math.max(mixture.shares[gate]!, 1e-12));
  }
  return sum;
}
