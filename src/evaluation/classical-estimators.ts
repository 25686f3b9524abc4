import type { DecayPrior } from '../training/decays.js';
import { centreOfMass } from './centre-of-mass.js';
import type { ClassicalEstimator, LifetimeEstimator } from './estimator.js';
import { ExponentialFits } from './exponential-fit.js';
import { Instrument } from './instrument.js';
import { phasorModulation, phasorPhase, phasorSpecies } from './phasor.js';
import { rapidLifetime } from './rapid-lifetime.js';

const MASS = 'Li et al., J. Opt. Soc. Am. A 25, 1190 (2008)';
const RAPID = 'Ballew and Demas, Anal. Chem. 61, 30 (1989); Chan et al., Anal. Chem. 73, 4486 (2001)';
const PHASOR = 'Digman, Caiolfa, Zamai and Gratton, Biophys. J. 94, L14 (2008)';
const FIT = 'Laurence and Chromy, Nat. Methods 7, 338 (2010)';
const CHOICE = `${FIT}; Akaike, IEEE Trans. Autom. Control 19, 716 (1974)`;

/**
 * The estimators a lab would otherwise use, made for the instrument of a prior. All know its gates, laser period and
 * response (the fits align it within its jitter, the others take its nominal place), and keep to its lifetimes and background; those of two known species
 * are there where the prior has them.
 */
export function classicalEstimators(prior: DecayPrior): ClassicalEstimator[] {
  const instrument = new Instrument(prior);
  const fits = new ExponentialFits(instrument);
  const list: [string, string, string, LifetimeEstimator][] = [
    ['centre-of-mass', 'Centre of mass', MASS, centreOfMass(instrument)],
    ['rapid-lifetime', 'Rapid lifetime determination, two windows', RAPID, rapidLifetime(instrument)],
    ['phasor-phase', 'Phasor, lifetime of the phase', PHASOR, phasorPhase(instrument)],
    ['phasor-modulation', 'Phasor, lifetime of the modulation', PHASOR, phasorModulation(instrument)],
    ['fit-mono', 'Levenberg–Marquardt, mono-exponential', FIT, fits.mono()],
    ['fit-bi', 'Levenberg–Marquardt, bi-exponential', FIT, fits.bi()],
    ['fit-as-needed', 'Levenberg–Marquardt, mono- or bi-exponential', CHOICE, fits.asNeeded()],
  ];
  const { species } = prior;
  if (species !== null) {
    list.push(
      ['phasor-species', 'Phasor, two known species', PHASOR, phasorSpecies(instrument, species)],
      ['fit-species', 'Levenberg–Marquardt, two known species', FIT, fits.ofSpecies(species)],
    );
  }
  return list.map(([name, title, source, estimate]) => ({ name, title, source, estimate }));
}
