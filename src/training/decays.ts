import { poisson } from '../random/poisson.js';
import type { Random } from '../random/random.js';
import { irfNodes, type IrfShape } from './irf.js';
import { WrappedDecay } from './wrapped-decay.js';

export type Range = readonly [low: number, high: number];

/** What the fraction of a bi-exponential decay is uniform in. */
export type FractionOf = 'amplitude' | 'photons';

/** The decays a network is trained for: what a lab knows of its instrument and its sample before it measures. */
export interface DecayPrior {
  laserPeriodFs: number;
  /** Start and end of every gate from the start of detector bin 0, fs; ascending, not overlapping. */
  gatesFs: readonly (readonly [number, number])[];
  irf: IrfShape;
  /** Centre of the response from the start of detector bin 0, and how far it may lie off (uniform). */
  irfCenterPs: number;
  irfJitterPs: number;
  /** The width may be off by this part of itself (uniform). */
  irfWidthJitter: number;
  /** Part of the photons in the gates that knows no pulse (uniform). */
  background: Range;
  /**
   * Photons in the gates of a fully exposed pixel that know no pulse, however bright it is: dark counts, room light
   * (uniform).
   */
  darkPhotons: Range;
  /** Both lifetimes are uniform in this range. */
  tauPs: Range;
  fractionOf: FractionOf;
  /** Part of these decays that have one lifetime. */
  mono: number;
  /** What is known of the sample beyond that, if anything. */
  species: Species | null;
}

/** Two lifetimes common to a sample, as a global fit of its summed decay gives them; only their fractions vary. */
export interface Species {
  tau1Ps: Range;
  tau2Ps: Range;
  /** Part of the decays that are of these two; the others keep the network honest about a sample that is not. */
  share: number;
}

/** The two lifetimes of a frame; definitions in docs/training.md. */
export interface MeanLifetimes {
  tauAmplitudePs: number;
  tauIntensityPs: number;
}

/** What there is to find in a pixel. */
export interface DecayTruth extends MeanLifetimes {
  /** The shorter lifetime, and the longer. */
  tau1Ps: number;
  tau2Ps: number;
  /** Part of the photons that is of the shorter one. */
  fraction1: number;
}

/**
 * Fewer photons than this mostly mean a shorter exposure, in which the dark photons are fewer as well: their part
 * stays what it is here.
 */
export const FULL_EXPOSURE_PHOTONS = 1000;

const within = (random: Random, [low, high]: Range): number => low + (high - low) * random.uniform();
const around = (random: Random, reach: number): number => (2 * random.uniform() - 1) * reach;

/** Draws decays from a prior, and photons from decays. */
export class DecaySource {
  readonly gates: number;
  private readonly widthShares: Float64Array;
  private readonly decay: WrappedDecay;

  constructor(private readonly prior: DecayPrior) {
    const startsPs = prior.gatesFs.map(([start]) => start / 1000);
    const endsPs = prior.gatesFs.map(([, end]) => end / 1000);
    this.gates = prior.gatesFs.length;
    const window = endsPs.reduce((sum, end, gate) => sum + end - startsPs[gate]!, 0);
    this.widthShares = Float64Array.from(endsPs, (end, gate) => (end - startsPs[gate]!) / window);
    this.decay = new WrappedDecay(startsPs, endsPs, prior.laserPeriodFs / 1000, irfNodes(prior.irf));
  }

  /**
   * A decay of the prior, of a pixel that expects `photons` in its gates: fills `shares` with the part of them that
   * each gate expects (sum 1).
   */
  draw(random: Random, photons: number, shares: Float64Array): DecayTruth {
    const { prior } = this;
    const [tau1, tau2] = this.drawLifetimes(random);
    const photons1 = this.drawPhotonFraction(random, tau1, tau2);
    this.decay.place(
      prior.irfCenterPs + around(random, prior.irfJitterPs),
      1 + around(random, prior.irfWidthJitter),
    );
    shares.fill(0);
    this.decay.addTo(shares, tau1, photons1);
    if (tau2 !== tau1) this.decay.addTo(shares, tau2, 1 - photons1);
    const dark = within(random, prior.darkPhotons) / Math.max(photons, FULL_EXPOSURE_PHOTONS);
    this.addBackground(shares, within(random, prior.background) + dark);
    return {
      tauAmplitudePs: 1 / (photons1 / tau1 + (1 - photons1) / tau2),
      tauIntensityPs: photons1 * tau1 + (1 - photons1) * tau2,
      tau1Ps: Math.min(tau1, tau2),
      tau2Ps: Math.max(tau1, tau2),
      fraction1: tau1 <= tau2 ? photons1 : 1 - photons1,
    };
  }

  private drawLifetimes(random: Random): [number, number] {
    const { species, tauPs, mono } = this.prior;
    if (species !== null && random.uniform() < species.share) {
      return [within(random, species.tau1Ps), within(random, species.tau2Ps)];
    }
    const tau1 = within(random, tauPs);
    return [tau1, random.uniform() < mono ? tau1 : within(random, tauPs)];
  }

  private drawPhotonFraction(random: Random, tau1: number, tau2: number): number {
    const fraction = random.uniform();
    if (this.prior.fractionOf === 'photons') return fraction;
    return (fraction * tau1) / (fraction * tau1 + (1 - fraction) * tau2);
  }

  private addBackground(shares: Float64Array, background: number): void {
    let seen = 0;
    for (let gate = 0; gate < shares.length; gate++) seen += shares[gate]!;
    for (let gate = 0; gate < shares.length; gate++) {
      shares[gate] = (1 - background) * (shares[gate]! / seen) + background * this.widthShares[gate]!;
    }
  }
}

/**
 * The deconvolved decay: what a detector without response, background and pulses before would see, 1 at time zero,
 * as its mean over each of equal steps from the pulse on.
 */
export function deconvolvedDecay(truth: DecayTruth, stepPs: number, decay: Float32Array): void {
  const { tau1Ps, tau2Ps, fraction1 } = truth;
  const amplitude1 = fraction1 / tau1Ps;
  const amplitude2 = (1 - fraction1) / tau2Ps;
  const sum = amplitude1 + amplitude2;
  decay.fill(0);
  for (const [amplitude, tauPs] of [
    [amplitude1 / sum, tau1Ps],
    [amplitude2 / sum, tau2Ps],
  ] as const) {
    const passing = Math.exp(-stepPs / tauPs);
    let mean = amplitude * (tauPs / stepPs) * (1 - passing);
    for (let step = 0; step < decay.length; step++, mean *= passing) decay[step]! += mean;
  }
}

/** Step of the deconvolved decay: the window of the gates in as many steps as there are gates. */
export function decayStepPs({ gatesFs }: Pick<DecayPrior, 'gatesFs'>): number {
  return (gatesFs.at(-1)![1] - gatesFs[0]![0]) / 1000 / gatesFs.length;
}

/** Photon counts of a pixel that expects `photons` in all its gates; returns how many there are. */
export function drawCounts(
  random: Random,
  shares: Float64Array,
  photons: number,
  counts: Uint32Array,
): number {
  let total = 0;
  for (let gate = 0; gate < shares.length; gate++)
    total += counts[gate] = poisson(photons * shares[gate]!, random);
  return total;
}

export function drawLogUniform(random: Random, [low, high]: Range): number {
  return low * (high / low) ** random.uniform();
}
