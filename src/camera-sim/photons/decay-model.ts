import { exGaussianSurvival } from './exgaussian.js';

/** Time axis of the detector and the instrument response in it; all ps. */
export interface DecayTiming {
  bins: number;
  binWidthPs: number;
  laserPeriodPs: number;
  irfCentrePs: number;
  irfFwhmPs: number;
}

/** Light of pulses longer ago than this many lifetimes is below 1e-15 of the first. */
const FORGOTTEN_LIFETIMES = 35;
const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

/**
 * Probability of every detector bin for a photon of lifetime `tauPs`: exponential ⊗ Gaussian instrument
 * response, integrated over the bin and summed over the laser pulse, the next, and all before it. The sum is
 * the share of the photons that falls into the window: 1 where the window is the laser period.
 */
export function binProbabilities(tauPs: number, timing: DecayTiming): Float64Array {
  const { bins, binWidthPs, laserPeriodPs, irfCentrePs } = timing;
  const sigma = timing.irfFwhmPs / FWHM_PER_SIGMA;
  const pulsesBefore = Math.ceil((FORGOTTEN_LIFETIMES * tauPs + 10 * sigma) / laserPeriodPs);
  const pulsesAfter = Math.ceil((10 * sigma) / laserPeriodPs);
  const probabilities = new Float64Array(bins);
  for (let pulse = -pulsesAfter; pulse <= pulsesBefore; pulse++) {
    const start = pulse * laserPeriodPs - irfCentrePs;
    let later = exGaussianSurvival(start, sigma, tauPs);
    for (let bin = 0; bin < bins; bin++) {
      const beyond = exGaussianSurvival(start + (bin + 1) * binWidthPs, sigma, tauPs);
      probabilities[bin]! += Math.max(0, later - beyond);
      later = beyond;
    }
  }
  return probabilities;
}

/** Lifetimes for which tables are kept: 2 % apart, so that a scene can choose freely and the truth stays exact. */
const TAU_STEP = 1.02;
const LEAST_TAU_PS = 150;
export const TAU_COUNT = 192;

export const tauOfIndex = (index: number): number => LEAST_TAU_PS * TAU_STEP ** index;

export function indexOfTau(tauPs: number): number {
  const index = Math.round(Math.log(tauPs / LEAST_TAU_PS) / Math.log(TAU_STEP));
  return Math.min(TAU_COUNT - 1, Math.max(0, index));
}
