import { type InstrumentFit, meanLifetimeErrors, meanLifetimes, standardError } from './instrument-fit.js';

/** How far a figure can be relied on. */
export type Confidence = 'sure' | 'rough' | 'not determined' | 'given';

export interface Estimate {
  value: number;
  /** null where there is none to give. */
  standardError: number | null;
  confidence: Confidence;
  /** Why it is not better than that; empty where it is sure. */
  reason: string;
}

export interface InstrumentEstimates {
  irfCenterPs: Estimate;
  /** Full width at half maximum; of a rectangle, its width. */
  irfWidthPs: Estimate;
  laserPeriodPs: Estimate;
  backgroundPerBin: Estimate;
  /** Part of the photons in the window. */
  backgroundShare: Estimate;
  tausPs: Estimate[];
  /** Part of the decay's photons with the first lifetime; null for one lifetime. */
  fraction: Estimate | null;
  meanLifetimeAmplitudePs: Estimate;
  meanLifetimeIntensityPs: Estimate;
}

/** Standard errors up to `sure` are as good as an instrument's wandering, up to `rough` still of use with jitter. */
interface Limits {
  sure: number;
  rough: number;
}

/** 20 ps of position change the amplitude-weighted mean by 8 to 10 % (field notes §10). */
const positionPs: Limits = { sure: 5, rough: 40 };
const relativeWidth: Limits = { sure: 0.05, rough: 0.3 };
const relativeLifetime: Limits = { sure: 0.03, rough: 0.2 };
const share: Limits = { sure: 0.01, rough: 0.05 };
/** A model package and a camera must agree in the period within 0.1 % (gate-plan.ts). */
const relativePeriod: Limits = { sure: 0.0005, rough: 0.1 };

/** From here on the model misses the decay by more than its noise. */
export const POOR_CHI2 = 1.5;

export function estimatesOf(fit: InstrumentFit): InstrumentEstimates {
  const { state, form } = fit;
  const judge = judgeOf(fit);
  const error = (name: Parameters<typeof standardError>[1]): number => standardError(fit, name);
  const lifetime = (value: number, deviation: number): Estimate =>
    judge(value, deviation, relativeLifetime, value, 'lifetime');
  const means = meanLifetimes(state);
  const meanErrors = meanLifetimeErrors(fit);
  const photons = fit.expected.reduce((sum, mean) => sum + mean, 0);
  const perWindow = fit.expected.length / photons;
  const background = state.backgroundPerBin;
  const backgroundJudged = judge(background, error('background'), share, 1 / perWindow, 'background');
  return {
    irfCenterPs: judge(state.centerPs, error('center'), positionPs, 1, 'edge'),
    irfWidthPs:
      typeof form.family === 'string'
        ? judge(state.widthPs, state.widthPs * error('logWidth'), relativeWidth, state.widthPs, 'width')
        : given(state.widthPs, 'as measured'),
    laserPeriodPs:
      form.laserPeriodPs === null
        ? judge(state.laserPeriodPs, error('period'), relativePeriod, state.laserPeriodPs, 'period')
        : given(form.laserPeriodPs, ''),
    backgroundPerBin: backgroundJudged,
    backgroundShare: scaled(backgroundJudged, perWindow),
    tausPs: state.tausPs.map((tau, index) => lifetime(tau, tau * error(index === 0 ? 'logTau1' : 'logTau2'))),
    fraction: form.components === 1 ? null : judge(state.fraction, error('fraction'), share, 1, 'fraction'),
    meanLifetimeAmplitudePs: lifetime(means.amplitudePs, meanErrors.amplitudePs),
    meanLifetimeIntensityPs: lifetime(means.intensityPs, meanErrors.intensityPs),
  };
}

const given = (value: number, reason: string): Estimate => ({
  value,
  standardError: null,
  confidence: 'given',
  reason,
});

/** The same in another unit. */
export function scaled(estimate: Estimate, factor: number): Estimate {
  const { value, standardError: error } = estimate;
  return { ...estimate, value: value * factor, standardError: error === null ? null : error * factor };
}

type Judge = (value: number, error: number, limits: Limits, unit: number, what: string) => Estimate;

function judgeOf({ reducedChi2 }: InstrumentFit): Judge {
  const misfit = reducedChi2 > POOR_CHI2 ? `poor fit (chi² ${reducedChi2.toPrecision(3)})` : '';
  return (value, error, limits, unit, what) => {
    const judged = (confidence: Confidence, reason: string): Estimate => ({
      value,
      standardError: Number.isNaN(error) ? null : error,
      confidence,
      reason,
    });
    if (Number.isNaN(error)) {
      return what === 'background' && value === 0
        ? judged('rough', 'none seen: the best fit has none')
        : judged('not determined', `the window does not show this ${what}`);
    }
    if (error > limits.rough * unit)
      return judged('not determined', 'too few photons, or no sign of it in the window');
    if (error > limits.sure * unit) return judged('rough', misfit || 'wide standard error');
    return misfit === '' ? judged('sure', '') : judged('rough', misfit);
  };
}
