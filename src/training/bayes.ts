import type { Random } from '../random/random.js';
import type { DecaySource, DecayTruth } from './decays.js';

/** A sample this far behind the best, in log-likelihood, weighs less than the float32 of the others' sum can tell. */
const NEGLIGIBLE = -30;

/**
 * The posterior mean of a prior, by brute force over samples of it with the likelihood of the gates: no estimator
 * has a smaller root mean square error on that prior.
 *
 * With few photons 50,000 samples are plenty; at 2,000 photons of a bi-exponential prior they add 1 or 2 %.
 */
export class PosteriorMean {
  private readonly library: Library;

  /** @param photons of the pixels this will be asked about: the background depends on them */
  constructor(source: DecaySource, photons: number, samples: number, random: Random) {
    this.library = sampleLibrary(source, photons, random, samples);
  }

  /** Given the photon count, the Poisson likelihood of the gates is multinomial: Σ counts · log shares. */
  of(counts: Uint32Array): DecayTruth {
    const { logLikelihood, truths } = this.library;
    computeLogLikelihood(this.library, counts);
    const best = largest(logLikelihood);
    let weights = 0;
    const sums = truths.map(() => 0);
    for (let sample = 0; sample < logLikelihood.length; sample++) {
      const behind = logLikelihood[sample]! - best;
      if (behind < NEGLIGIBLE) continue;
      const weight = Math.exp(behind);
      weights += weight;
      for (let part = 0; part < sums.length; part++) sums[part]! += weight * truths[part]![sample]!;
    }
    const means = truthNames.map((name, part) => [name, sums[part]! / weights]);
    return Object.fromEntries(means) as DecayTruth;
  }
}

const truthNames: readonly (keyof DecayTruth)[] = [
  'tauAmplitudePs',
  'tauIntensityPs',
  'tau1Ps',
  'tau2Ps',
  'fraction1',
];

interface Library {
  /** log of the gates' shares, [gate][sample]. */
  logShares: Float32Array;
  /** [truthNames][sample] */
  truths: Float32Array[];
  /** Scratch: log-likelihood of every sample. */
  logLikelihood: Float64Array;
}

function sampleLibrary(source: DecaySource, photons: number, random: Random, samples: number): Library {
  const { gates } = source;
  const shares = new Float64Array(gates);
  const library: Library = {
    logShares: new Float32Array(samples * gates),
    truths: truthNames.map(() => new Float32Array(samples)),
    logLikelihood: new Float64Array(samples),
  };
  for (let sample = 0; sample < samples; sample++) {
    const truth = source.draw(random, photons, shares);
    for (let gate = 0; gate < gates; gate++) {
      library.logShares[gate * samples + sample] = Math.log(Math.max(shares[gate]!, 1e-12));
    }
    truthNames.forEach((name, part) => (library.truths[part]![sample] = truth[name]));
  }
  return library;
}

/** Gate by gate over all samples: the sums do not wait for each other, and empty gates cost nothing. */
function computeLogLikelihood({ logShares, logLikelihood }: Library, counts: Uint32Array): void {
  const samples = logLikelihood.length;
  logLikelihood.fill(0);
  for (let gate = 0; gate < counts.length; gate++) {
    const count = counts[gate]!;
    if (count > 0) addScaled(logLikelihood, count, logShares.subarray(gate * samples, (gate + 1) * samples));
  }
}

function addScaled(sums: Float64Array, factor: number, terms: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + factor * terms[i]!;
}

function largest(values: Float64Array): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
