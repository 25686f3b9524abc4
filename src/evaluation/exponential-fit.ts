import type { MeanLifetimes, Range, Species } from '../training/decays.js';
import { DecayMixture } from './decay-mixture.js';
import { DecayTable } from './decay-table.js';
import { hasShape, type LifetimeEstimator, meansOf, photonsOf, singleLifetime } from './estimator.js';
import type { Instrument } from './instrument.js';
import { type Fit, fitPoisson } from './poisson-fit.js';
import { rapidLifetime } from './rapid-lifetime.js';
import type { FitBounds } from './weighted-gates.js';

/** Starts of a bi-exponential fit: both lifetimes as multiples of the mono-exponential one, and the first one's light. */
const STARTS = [
  [0.3, 1.2, 0.2],
  [0.5, 1.5, 0.5],
  [0.8, 2.5, 0.8],
] as const;

/**
 * Gain in log-likelihood from which the second lifetime, with its two parameters more, is believed: Akaike's
 * criterion.
 */
const BELIEVED_GAIN = 2;

/**
 * Fits of one instrument's pixels, with its response and wrap-around. Background and place of the response are free
 * within the bounds of the prior.
 */
export class ExponentialFits {
  private readonly one: DecayMixture;
  private readonly two: DecayMixture;
  private readonly rapid: LifetimeEstimator;
  private readonly logTaus: Range;

  constructor(private readonly instrument: Instrument) {
    const table = new DecayTable(instrument);
    this.one = new DecayMixture(table, instrument.widthShares, 1);
    this.two = new DecayMixture(table, instrument.widthShares, 2);
    this.rapid = rapidLifetime(instrument);
    this.logTaus = [Math.log(instrument.tauPs[0]), Math.log(instrument.tauPs[1])];
  }

  mono(): LifetimeEstimator {
    return (counts) => (hasShape(counts) ? meansOfFit(this.fitMono(counts)) : null);
  }

  /** The likeliest of several starts; they surround the mono-exponential fit, which stays where none is better. */
  bi(): LifetimeEstimator {
    return (counts) => {
      if (!hasShape(counts)) return null;
      const mono = this.fitMono(counts);
      return meansOfFit(likelier(mono, this.fitBi(counts, mono), 0));
    };
  }

  /** Bi-exponential where the photons speak for it, otherwise mono-exponential. */
  asNeeded(): LifetimeEstimator {
    return (counts) => {
      if (!hasShape(counts)) return null;
      const mono = this.fitMono(counts);
      return meansOfFit(likelier(mono, this.fitBi(counts, mono), BELIEVED_GAIN));
    };
  }

  /** Both lifetimes known, as from a global fit of the sample; the fraction is fitted. */
  ofSpecies({ tau1Ps, tau2Ps }: Species): LifetimeEstimator {
    const lifetimes = [tau1Ps, tau2Ps].map(([low, high]): Range => {
      const logTau = Math.log((low + high) / 2);
      return [logTau, logTau];
    });
    return (counts) => {
      if (!hasShape(counts)) return null;
      const bounds = this.bounds(counts, [...lifetimes, [0, 1]]);
      const start = [...bounds.low.slice(0, 2), 0.5, this.instrument.meanBackground(photonsOf(counts)), 0];
      return meansOfFit(fitPoisson(this.two, counts, start, bounds));
    };
  }

  private fitMono(counts: Uint32Array): Fit {
    const tauPs = this.rapid(counts)?.tauAmplitudePs ?? this.instrument.tauPs[0];
    const start = [Math.log(tauPs), this.instrument.meanBackground(photonsOf(counts)), 0];
    return fitPoisson(this.one, counts, start, this.bounds(counts, [this.logTaus]));
  }

  private fitBi(counts: Uint32Array, mono: Fit): Fit {
    const bounds = this.bounds(counts, [this.logTaus, this.logTaus, [0, 1]]);
    const [low, high] = this.logTaus;
    const [logTau, background, shiftNs] = mono.parameters as [number, number, number];
    const times = (factor: number): number => Math.min(Math.max(logTau + Math.log(factor), low), high);
    return STARTS.map(([first, second, light]) =>
      fitPoisson(this.two, counts, [times(first), times(second), light, background, shiftNs], bounds),
    ).reduce((best, fit) => likelier(best, fit, 0));
  }

  /** Of the parameters given and, after them, of background and shift. */
  private bounds(counts: Uint32Array, ofDecay: Range[]): FitBounds {
    const reachNs = this.instrument.reachPs / 1000;
    const all = [
      ...ofDecay,
      this.instrument.backgroundRange(photonsOf(counts)),
      [-reachNs, reachNs] as const,
    ];
    return { low: all.map((range) => range[0]), high: all.map((range) => range[1]) };
  }
}

function likelier(fit: Fit, other: Fit, gain: number): Fit {
  return other.logLikelihood > fit.logLikelihood + gain ? other : fit;
}

function meansOfFit({ parameters }: Fit): MeanLifetimes {
  const [tau1, tau2] = [parameters[0]!, parameters[1]!].map(Math.exp);
  return parameters.length === 3 ? singleLifetime(tau1!) : meansOf(tau1!, tau2!, parameters[2]!);
}
