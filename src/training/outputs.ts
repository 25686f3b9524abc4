import { fixedPoint } from '../protocol/fixed-point.js';
import type { DecayTruth } from './decays.js';

/**
 * What a network in training says of a pixel, in this order. The first four are the outputs of the integer network;
 * the parameters of the decay are learned beside them and left out of packages.
 */
export const trainedOutputs = [
  'meanLifetimeAmplitude',
  'meanLifetimeIntensity',
  'standardErrorAmplitude',
  'standardErrorIntensity',
  'tau1',
  'tau2',
  'fraction',
] as const;

export const OUTPUTS = trainedOutputs.length;

/** Outputs whose targets are known: all but the standard errors. */
export const targetOutputs = [0, 1, 4, 5, 6] as const;
/** For each of the two lifetimes: where its standard error stands. */
export const standardErrorOf = [2, 3] as const;

/** 1.0 of a lifetime output is 8192 ps; of the fraction, whose unit is free, 2. */
const PS = fixedPoint.outputPsPerUnit;
const FRACTION = 2;

/** Targets [5] of a decay in the order of `targetOutputs`. */
export function writeTargets(truth: DecayTruth, targets: Float32Array, at: number): void {
  targets[at] = truth.tauAmplitudePs / PS;
  targets[at + 1] = truth.tauIntensityPs / PS;
  targets[at + 2] = truth.tau1Ps / PS;
  targets[at + 3] = truth.tau2Ps / PS;
  targets[at + 4] = truth.fraction1 / FRACTION;
}

export const TARGETS = targetOutputs.length;

/** The real value of an output: ps, or the fraction. */
export const realOutput = (output: number, value: number): number =>
  value * (trainedOutputs[output] === 'fraction' ? FRACTION : PS);

/** Biases of the output layer at the start: the middle of common lifetimes, and a standard error of 400 ps. */
export const OUTPUT_START = [0.3, 0.3, 0.05, 0.05, 0.2, 0.4, 0.25];
