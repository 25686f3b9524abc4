import type { Species } from '../training/decays.js';
import { hasShape, type LifetimeEstimator, meansOf, singleLifetime } from './estimator.js';
import { GateAverage } from './gate-average.js';
import type { Instrument } from './instrument.js';
import { LifetimeScale } from './lifetime-scale.js';

/** A point of the phasor plot. */
export interface Phasor {
  g: number;
  s: number;
}

/** So short against the gates that its phasor is that of the response itself. */
export const PROMPT_PERIODS = 1 / 400;

/** The first harmonic of the laser's repetition, seen through an instrument. */
export class PhasorPlot {
  private readonly cosine: GateAverage;
  private readonly sine: GateAverage;
  private readonly prompt: Phasor;

  constructor(private readonly instrument: Instrument) {
    const omega = (2 * Math.PI) / instrument.periodPs;
    this.cosine = new GateAverage(
      instrument,
      instrument.sincePulsePs.map((time) => Math.cos(omega * time)),
    );
    this.sine = new GateAverage(
      instrument,
      instrument.sincePulsePs.map((time) => Math.sin(omega * time)),
    );
    this.prompt = this.seen((average) => average.ofDecay(PROMPT_PERIODS * instrument.periodPs));
  }

  ofDecay(tauPs: number): Phasor {
    return this.referred(this.seen((average) => average.ofDecay(tauPs)));
  }

  ofPixel(counts: Uint32Array): Phasor {
    return this.referred(this.seen((average) => average.ofPixel(counts)));
  }

  /** Part of the light of a decay that the gates see. */
  seenOf(tauPs: number): number {
    return this.instrument.lightInGates(tauPs).reduce((sum, light) => sum + light);
  }

  private seen(figure: (average: GateAverage) => number): Phasor {
    return { g: figure(this.cosine), s: figure(this.sine) };
  }

  /** Divided by the phasor of the response. */
  private referred({ g, s }: Phasor): Phasor {
    const { prompt } = this;
    const square = prompt.g ** 2 + prompt.s ** 2;
    return { g: (g * prompt.g + s * prompt.s) / square, s: (s * prompt.g - g * prompt.s) / square };
  }
}

/** Cut opposite the middle of the quarter in which lifetimes lie, so that noise takes a phase to the nearer end. */
const phaseOf = ({ g, s }: Phasor): number => Math.atan2(s - g, g + s) + Math.PI / 4;
const modulusOf = ({ g, s }: Phasor): number => Math.hypot(g, s);

/** The lifetime of the phase: τ = tan φ / ω in gates that cover the period finely, the instrument's own relation elsewhere. */
export function phasorPhase(instrument: Instrument): LifetimeEstimator {
  return fromPlot('phase', instrument, phaseOf);
}

/** The lifetime of the modulation: τ = √(1/m² − 1) / ω in gates that cover the period finely. */
export function phasorModulation(instrument: Instrument): LifetimeEstimator {
  return fromPlot('modulation', instrument, modulusOf);
}

function fromPlot(
  name: string,
  instrument: Instrument,
  figure: (phasor: Phasor) => number,
): LifetimeEstimator {
  const plot = new PhasorPlot(instrument);
  const scale = new LifetimeScale(name, instrument.tauPs, (tau) => figure(plot.ofDecay(tau)));
  return (counts) => (hasShape(counts) ? singleLifetime(scale.tauPs(figure(plot.ofPixel(counts)))) : null);
}

/**
 * Two known species: a pixel's phasor lies on the line between theirs, at the photon fraction. One harmonic of an
 * unknown pair cannot be resolved, so this needs the species of the prior.
 */
export function phasorSpecies(instrument: Instrument, species: Species): LifetimeEstimator {
  const plot = new PhasorPlot(instrument);
  const [tau1, tau2] = [species.tau1Ps, species.tau2Ps].map(([low, high]) => (low + high) / 2);
  const [one, two] = [plot.ofDecay(tau1!), plot.ofDecay(tau2!)];
  const [dg, ds] = [one.g - two.g, one.s - two.s];
  return (counts) => {
    if (!hasShape(counts)) return null;
    const { g, s } = plot.ofPixel(counts);
    const along = ((g - two.g) * dg + (s - two.s) * ds) / (dg ** 2 + ds ** 2);
    const inGates = Math.min(1, Math.max(0, along));
    // From fractions of the photons in the gates to those of all light.
    const light1 = inGates / plot.seenOf(tau1!);
    const light2 = (1 - inGates) / plot.seenOf(tau2!);
    return meansOf(tau1!, tau2!, light1 / (light1 + light2));
  };
}
