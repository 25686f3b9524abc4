import type { BinnedCounts } from './binned-counts.js';
import { biStarts, firstGuess, monoStarts } from './first-guess.js';
import {
  InstrumentModel,
  type InstrumentState,
  type ModelForm,
  type ParameterName,
  type Placement,
  type ResponseFamily,
} from './instrument-model.js';
import { fitPoisson, type PoissonFit } from './poisson-fit.js';

/** The most likely instrument and sample of one form. */
export interface InstrumentFit extends PoissonFit {
  form: ModelForm;
  state: InstrumentState;
  names: readonly ParameterName[];
}

/** Where the laser period is fitted: starts as multiples of the window. */
const PERIODS_PER_WINDOW = [1.01, 1.15, 2];

/** A window that shows the edge tells its position to far better than this part of itself. */
const EDGE_ERROR_PER_WINDOW = 0.1;
/** Where the edge is not in the window, a formula is put this many bins before it: all of it has happened by then. */
const BINS_BEFORE_WINDOW = 3;

/**
 * The most likely instrument. Where the window does not show the rising edge, amplitude and position are one
 * parameter: then the response stays at `measuredAtPs`, or just before the window.
 */
export function fitInstrument(
  data: BinnedCounts,
  family: ResponseFamily,
  laserPeriodPs: number | null,
  measuredAtPs: number | null = null,
): InstrumentFit {
  const fit = fitSample(data, family, laserPeriodPs, null);
  const error = standardError(fit, 'center');
  if (error < EDGE_ERROR_PER_WINDOW * data.counts.length * data.binWidthPs) return fit;
  return fitSample(data, family, laserPeriodPs, {
    centerPs: measuredAtPs ?? data.startPs - BINS_BEFORE_WINDOW * data.binWidthPs,
    widthPs: data.binWidthPs,
  });
}

/**
 * All starts of a mono-exponential sample, then two lifetimes from there. The second lifetime stays where the counts
 * ask for it.
 */
function fitSample(
  data: BinnedCounts,
  family: ResponseFamily,
  laserPeriodPs: number | null,
  placed: Placement | null,
): InstrumentFit {
  const window = data.counts.length * data.binWidthPs;
  const periods = laserPeriodPs === null ? PERIODS_PER_WINDOW.map((part) => part * window) : [laserPeriodPs];
  const form = { family, laserPeriodPs, placed };
  const mono = best(data, { ...form, components: 1 }, monoStarts(firstGuess(data), periods));
  const bi = best(data, { ...form, components: 2 }, biStarts(mono.state, periods));
  return prefersTwo(mono, bi, data.counts.length) ? bi : mono;
}

/** One fit from one start. */
export function fitFrom(data: BinnedCounts, form: ModelForm, start: InstrumentState): InstrumentFit {
  const model = new InstrumentModel(data, form);
  const fit = fitPoisson(data.counts, model.expect, model.parameters(start));
  return ascending({ ...fit, form, state: model.state(fit.parameters), names: model.names });
}

function best(data: BinnedCounts, form: ModelForm, starts: readonly InstrumentState[]): InstrumentFit {
  const fits = starts.map((start) => fitFrom(data, form, start));
  return fits.reduce((better, fit) => (fit.deviance < better.deviance ? fit : better));
}

/**
 * The Bayesian information criterion of the bins. Its likelihood ratio is divided by the reduced chi² of the larger
 * model: with millions of photons no model fits to their noise, and any further parameter would seem to be asked for.
 */
function prefersTwo(mono: InstrumentFit, bi: InstrumentFit, bins: number): boolean {
  const determined = !bi.names.some((name, index) => name !== 'background' && bi.undetermined[index]);
  const gain = (mono.deviance - bi.deviance) / Math.max(1, bi.reducedChi2);
  return determined && bi.covariance !== null && gain > 2 * Math.log(bins);
}

/** The shorter lifetime first, with its row and column of the covariance. */
function ascending(fit: InstrumentFit): InstrumentFit {
  const { tausPs, fraction } = fit.state;
  if (tausPs.length < 2 || tausPs[0]! <= tausPs[1]!) return fit;
  const [first, second, part] = (['logTau1', 'logTau2', 'fraction'] as const).map((name) =>
    fit.names.indexOf(name),
  ) as [number, number, number];
  const order = [...fit.names.keys()];
  [order[first], order[second]] = [second, first];
  const sign = (index: number): number => (index === part ? -1 : 1);
  return {
    ...fit,
    state: { ...fit.state, tausPs: [tausPs[1]!, tausPs[0]!], fraction: 1 - fraction },
    parameters: fit.parameters.map((_, i) => (i === part ? 1 - fraction : fit.parameters[order[i]!]!)),
    undetermined: order.map((from) => fit.undetermined[from]!),
    covariance:
      fit.covariance?.map((row, i) =>
        row.map((_, j) => sign(i) * sign(j) * fit.covariance![order[i]!]![order[j]!]!),
      ) ?? null,
  };
}

/**
 * Standard error of a parameter of the fit, enlarged by √chi² where
 * the model does not describe the counts to their noise. NaN where they do not determine it.
 */
export function standardError(fit: InstrumentFit, name: ParameterName): number {
  const index = fit.names.indexOf(name);
  if (index < 0 || fit.covariance === null || fit.undetermined[index]) return NaN;
  return Math.sqrt(fit.covariance[index]![index]! * Math.max(1, fit.reducedChi2));
}

export interface MeanLifetimes {
  amplitudePs: number;
  intensityPs: number;
}

/** Both mean lifetimes of the sample (docs/training.md). */
export function meanLifetimes({ tausPs, fraction }: InstrumentState): MeanLifetimes {
  const [tau1, tau2 = tau1] = tausPs as [number, number?];
  return {
    amplitudePs: 1 / (fraction / tau1 + (1 - fraction) / tau2),
    intensityPs: fraction * tau1 + (1 - fraction) * tau2,
  };
}

/** Their standard errors: the covariance of both lifetimes and the fraction, carried over by the derivatives. */
export function meanLifetimeErrors(fit: InstrumentFit): MeanLifetimes {
  const { tausPs, fraction } = fit.state;
  const [tau1, tau2] = tausPs as [number, number?];
  const logTau1 = standardError(fit, 'logTau1');
  if (tau2 === undefined) return { amplitudePs: tau1 * logTau1, intensityPs: tau1 * logTau1 };
  const square = meanLifetimes(fit.state).amplitudePs ** 2;
  const names = ['logTau1', 'logTau2', 'fraction'] as const;
  const amplitude = [
    (square * fraction) / tau1,
    (square * (1 - fraction)) / tau2,
    square * (1 / tau2 - 1 / tau1),
  ];
  const intensity = [fraction * tau1, (1 - fraction) * tau2, tau1 - tau2];
  return {
    amplitudePs: errorAlong(fit, names, amplitude),
    intensityPs: errorAlong(fit, names, intensity),
  };
}

function errorAlong(fit: InstrumentFit, names: readonly ParameterName[], slope: readonly number[]): number {
  const at = names.map((name) => fit.names.indexOf(name));
  if (fit.covariance === null || at.some((index) => fit.undetermined[index])) return NaN;
  const variance = at.reduce(
    (sum, i, row) =>
      sum + at.reduce((part, j, column) => part + slope[row]! * slope[column]! * fit.covariance![i]![j]!, 0),
    0,
  );
  return Math.sqrt(variance * Math.max(1, fit.reducedChi2));
}
