import type { DecayTruth, Species } from '../training/decays.js';
import { DecayMixture } from './decay-mixture.js';
import { DecayTable } from './decay-table.js';
import { hasShape, type LifetimeEstimator, meansOf, photonsOf, singleLifetime } from './estimator.js';
import type { Instrument } from './instrument.js';
import { type Fit, fitPoisson } from './poisson-fit.js';
import { rapidLifetime } from './rapid-lifetime.js';

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

/** Fits of one instrument's pixels, with its response, wrap-around and a free background in the bounds of the prior. */
export class ExponentialFits {
  private readonly one: DecayMixture;
  private readonly two: DecayMixture;
  private readonly rapid: LifetimeEstimator;

  constructor(private readonly instrument: Instrument) {
    const table = new DecayTable(instrument);
    this.one = new DecayMixture(table, instrument.widthShares, 1);
    this.two = new DecayMixture(table, instrument.widthShares, 2);
    this.rapid = rapidLifetime(instrument);
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
    const logTaus = [tau1Ps, tau2Ps].map(([low, high]) => Math.log((low + high) / 2));
    return (counts) => {
      if (!hasShape(counts)) return null;
      const photons = photonsOf(counts);
      const [least, most] = this.instrument.backgroundRange(photons);
      const start = [...logTaus, 0.5, this.instrument.meanBackground(photons)];
      const bounds = { low: [...logTaus, 0, least], high: [...logTaus, 1, most] };
      return meansOfFit(fitPoisson(this.two, counts, start, bounds));
    };
  }

  private fitMono(counts: Uint32Array): Fit {
    const { instrument } = this;
    const photons = photonsOf(counts);
    const [least, most] = instrument.backgroundRange(photons);
    const [low, high] = instrument.tauPs.map(Math.log);
    const tauPs = this.rapid(counts)?.tauAmplitudePs ?? instrument.tauPs[0];
    const start = [Math.log(tauPs), instrument.meanBackground(photons)];
    return fitPoisson(this.one, counts, start, { low: [low!, least], high: [high!, most] });
  }

  private fitBi(counts: Uint32Array, mono: Fit): Fit {
    const [least, most] = this.instrument.backgroundRange(photonsOf(counts));
    const [low, high] = this.instrument.tauPs.map(Math.log);
    const bounds = { low: [low!, low!, 0, least], high: [high!, high!, 1, most] };
    const [logTau, background] = mono.parameters as [number, number];
    const times = (factor: number): number => Math.min(Math.max(logTau + Math.log(factor), low!), high!);
    return STARTS.map(([first, second, light]) =>
      fitPoisson(this.two, counts, [times(first), times(second), light, background], bounds),
    ).reduce((best, fit) => likelier(best, fit, 0));
  }
}

function likelier(fit: Fit, other: Fit, gain: number): Fit {
  return other.logLikelihood > fit.logLikelihood + gain ? other : fit;
}

function meansOfFit({ parameters }: Fit): DecayTruth {
  const [tau1, tau2] = [parameters[0]!, parameters[1]!].map(Math.exp);
  return parameters.length === 2 ? singleLifetime(tau1!) : meansOf(tau1!, tau2!, parameters[2]!);
}
