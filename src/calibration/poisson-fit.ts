import { invertSymmetric } from './symmetric-solve.js';

/** A number that a fit may move, within bounds. */
export interface Parameter {
  start: number;
  low: number;
  high: number;
  /** Over which the model is close to a straight line: for its derivative. */
  step: number;
}

/** Writes the counts expected with these parameters into `expected`. */
export type ExpectedCounts = (parameters: Float64Array, expected: Float64Array) => void;

export interface PoissonFit {
  parameters: Float64Array;
  /** Inverse Fisher information; rows and columns of parameters that stand at a bound are 0. */
  covariance: Float64Array[] | null;
  /** −2 log likelihood, less that of a model that fits every bin exactly. */
  deviance: number;
  /** Pearson's chi² per degree of freedom. */
  reducedChi2: number;
  expected: Float64Array;
  /** Parameters that end at a bound they would pass, or change nothing: the counts do not determine them. */
  undetermined: boolean[];
}

const MOST_STEPS = 200;
/** A step that gains less than this in deviance ends the search: a thousandth of a standard error is 1e-6. */
const GAIN = 1e-5;
const FIRST_DAMPING = 1e-3;
const MOST_DAMPING = 1e9;
/** No bin expects exactly nothing: one stray photon would rule any model out. */
const LEAST_EXPECTED = 1e-6;

/**
 * Maximum likelihood for Poisson counts: Fisher scoring, damped after Levenberg and Marquardt. A step solves
 * (I + λ diag I) δ = g with the gradient g_j = Σ (n/μ − 1) ∂μ/∂θ_j of the log likelihood and the Fisher information
 * I_jk = Σ ∂μ/∂θ_j ∂μ/∂θ_k / μ, whose inverse at the end is the covariance.
 */
export function fitPoisson(
  counts: Float64Array,
  model: ExpectedCounts,
  parameters: readonly Parameter[],
): PoissonFit {
  const expectedOf = (at: Float64Array): Float64Array => {
    const expected = new Float64Array(counts.length);
    model(at, expected);
    return expected.map((mean) => Math.max(mean, LEAST_EXPECTED));
  };
  let at: Float64Array = Float64Array.from(parameters, ({ start }) => start);
  let expected = expectedOf(at);
  let deviance = devianceOf(counts, expected);
  let slope = slopeAt(counts, expected, expectedOf, at, parameters);
  for (let step = 0, damping = FIRST_DAMPING; step < MOST_STEPS && damping < MOST_DAMPING; step++) {
    const tried = stepFrom(at, slope, damping, parameters);
    const triedExpected = expectedOf(tried);
    const triedDeviance = devianceOf(counts, triedExpected);
    if (!(triedDeviance < deviance)) {
      damping *= 5;
      continue;
    }
    const gain = deviance - triedDeviance;
    [at, expected, deviance] = [tried, triedExpected, triedDeviance];
    slope = slopeAt(counts, expected, expectedOf, at, parameters);
    if (gain < GAIN && damping <= FIRST_DAMPING) break;
    damping = Math.max(damping / 5, 1e-9);
  }
  const free = freeOf(slope, at, parameters);
  const degrees = Math.max(1, counts.length - free.length);
  return {
    parameters: at,
    covariance: covarianceOf(slope, free),
    deviance,
    reducedChi2: expected.reduce((sum, mean, bin) => sum + (counts[bin]! - mean) ** 2 / mean, 0) / degrees,
    expected,
    undetermined: parameters.map((_, index) => !free.includes(index)),
  };
}

/** Σ 2 (μ − n + n log(n/μ)): differences stay exact where the log likelihood itself has lost its last digits. */
function devianceOf(counts: Float64Array, expected: Float64Array): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const n = counts[bin]!;
    const mean = expected[bin]!;
    sum += 2 * (mean - n + (n > 0 ? n * Math.log(n / mean) : 0));
  }
  return Number.isNaN(sum) ? Infinity : sum;
}

interface Slope {
  gradient: Float64Array;
  information: Float64Array[];
}

function slopeAt(
  counts: Float64Array,
  expected: Float64Array,
  expectedOf: (at: Float64Array) => Float64Array,
  at: Float64Array,
  parameters: readonly Parameter[],
): Slope {
  const derivatives = parameters.map(({ low, high, step }, index) => {
    const [below, above] = [at.slice(), at.slice()];
    below[index] = Math.max(low, at[index]! - step);
    above[index] = Math.min(high, at[index]! + step);
    const [before, after] = [expectedOf(below), expectedOf(above)];
    return before.map((mean, bin) => (after[bin]! - mean) / (above[index]! - below[index]!));
  });
  const gradient = Float64Array.from(derivatives, (derivative) =>
    derivative.reduce((sum, d, bin) => sum + d * (counts[bin]! / expected[bin]! - 1), 0),
  );
  const information = derivatives.map((a) =>
    Float64Array.from(derivatives, (b) => a.reduce((sum, d, bin) => sum + (d * b[bin]!) / expected[bin]!, 0)),
  );
  return { gradient, information };
}

/** Parameters that change anything and are not at a bound that their gradient points beyond. */
function freeOf(
  { gradient, information }: Slope,
  at: Float64Array,
  parameters: readonly Parameter[],
): number[] {
  return [...parameters.keys()].filter((index) => {
    const { low, high } = parameters[index]!;
    if (!(information[index]![index]! > 0)) return false;
    return !((at[index]! <= low && gradient[index]! <= 0) || (at[index]! >= high && gradient[index]! >= 0));
  });
}

function stepFrom(
  at: Float64Array,
  slope: Slope,
  damping: number,
  parameters: readonly Parameter[],
): Float64Array {
  const free = freeOf(slope, at, parameters);
  const damped = free.map((i) =>
    Float64Array.from(free, (j) => slope.information[i]![j]! * (i === j ? 1 + damping : 1)),
  );
  const inverse = invertSymmetric(damped);
  const next = at.slice();
  if (inverse === null) return next;
  free.forEach((index, row) => {
    const move = inverse[row]!.reduce(
      (sum, value, column) => sum + value * slope.gradient[free[column]!]!,
      0,
    );
    const { low, high } = parameters[index]!;
    next[index] = Math.min(high, Math.max(low, at[index]! + move));
  });
  return next;
}

function covarianceOf({ information }: Slope, free: readonly number[]): Float64Array[] | null {
  const inverse = invertSymmetric(free.map((i) => Float64Array.from(free, (j) => information[i]![j]!)));
  if (inverse === null) return null;
  const covariance = information.map((row) => new Float64Array(row.length));
  free.forEach((i, row) => free.forEach((j, column) => (covariance[i]![j] = inverse[row]![column]!)));
  return covariance;
}
