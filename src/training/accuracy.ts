import { Random } from '../camera-sim/random.js';
import { inferLifetimes } from '../lifetime/reference.js';
import { type IntegerNetwork, networkOutputs } from '../lifetime/integer-network.js';
import { type BayesOptions, bayesErrors } from './bayes.js';
import { type DecayPrior, DecaySource, drawCounts } from './decays.js';

type PerOutput = Record<(typeof networkOutputs)[number], number>;

export interface AccuracyRow {
  /** Photons a pixel expects in its gates. */
  photons: number;
  /** Part of the pixels the network calls valid; the others are in none of the figures. */
  valid: number;
  rmsePs: PerOutput;
  biasPs: PerOutput;
}

/** An accuracy card row beside what any estimator could do. */
export interface CardRow extends AccuracyRow {
  bayesRmsePs: PerOutput;
}

const STREAM_ACCURACY = 3;

export const CARD_PHOTONS = [100, 500, 2000] as const;

/** How far the integer network is off on decays of a prior. */
export function measureAccuracy(
  network: IntegerNetwork,
  prior: DecayPrior,
  photons: number,
  pixels: number,
  seed: number,
): AccuracyRow {
  const source = new DecaySource(prior);
  const random = new Random(seed, STREAM_ACCURACY, photons);
  const shares = new Float64Array(source.gates);
  const counts = new Uint32Array(source.gates);
  const sums = networkOutputs.map(() => ({ error: 0, square: 0 }));
  let valid = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const truth = source.draw(random, photons, shares);
    drawCounts(random, shares, photons, counts);
    const lifetimes = inferLifetimes(network, counts, network.minPhotons);
    if (lifetimes === null) continue;
    valid++;
    [truth.tauAmplitudePs, truth.tauIntensityPs].forEach((tau, output) => {
      const error = lifetimes[output]! - tau;
      sums[output]!.error += error;
      sums[output]!.square += error * error;
    });
  }
  const perOutput = (figure: (sum: { error: number; square: number }) => number): PerOutput => ({
    meanLifetimeAmplitude: figure(sums[0]!),
    meanLifetimeIntensity: figure(sums[1]!),
  });
  return {
    photons,
    valid: valid / pixels,
    rmsePs: perOutput(({ square }) => Math.sqrt(square / valid)),
    biasPs: perOutput(({ error }) => error / valid),
  };
}

export interface CardOptions extends BayesOptions {
  /** Pixels the network is measured on, per photon count. */
  networkPixels?: number;
  seed?: number;
}

/** The accuracy card of a package: the integer network beside the Bayes limit of the prior it was trained on. */
export function accuracyCard(
  network: IntegerNetwork,
  prior: DecayPrior,
  options: CardOptions = {},
): CardRow[] {
  const { networkPixels = 10_000, seed = 1 } = options;
  return CARD_PHOTONS.map((photons) => ({
    ...measureAccuracy(network, prior, photons, networkPixels, seed),
    bayesRmsePs: { ...bayesErrors(prior, photons, options) },
  }));
}
