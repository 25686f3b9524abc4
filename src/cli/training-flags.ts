import { FlimdError } from '../protocol/errors.js';
import type { DecayPrior } from '../training/decays.js';
import {
  evenGates,
  parseFractionOf,
  parseGateSpec,
  parseIrf,
  parseNumber,
  parseRange,
  parseRangeNs,
  parseSpecies,
} from '../training/option-text.js';
import { photonFeatureRange, type TrainingOptions } from '../training/options.js';

/** The flags of `flimd model train`, as text. */
export interface TrainFlags {
  name?: string;
  description: string;
  out?: string;
  resume?: boolean;
  laserPeriodPs?: string;
  gates?: string;
  gateWidthPs?: string;
  windowStartPs: string;
  gatesSpec?: string;
  binWidthPs?: string;
  irf: string;
  irfCenterPs: string;
  irfJitterPs: string;
  irfWidthJitter: string;
  background: string;
  darkPhotons: string;
  tauNs: string;
  speciesNs?: string;
  speciesShare: string;
  fraction: string;
  mono: string;
  photons: string;
  photonWeight: string;
  hidden: string;
  head: string;
  steps?: string;
  minutes?: string;
  batch: string;
  learningRate: string;
  seed: string;
  threads: string;
}

/** Throws FLIMD_E_CONFIG for a flag that is missing or cannot be read. */
export function trainingOptions(flags: TrainFlags): TrainingOptions {
  const photons = parseRange('--photons', flags.photons);
  const numberOrNull = (option: string, text: string | undefined): number | null =>
    text === undefined ? null : parseNumber(option, text);
  return {
    name: required('--name', flags.name),
    description: flags.description,
    prior: priorOf(flags),
    photons,
    photonFeature: photonFeatureRange(photons),
    photonWeightExponent: parseNumber('--photon-weight', flags.photonWeight),
    hidden: parseNumber('--hidden', flags.hidden),
    head: parseNumber('--head', flags.head),
    decoder: false,
    precision: 8,
    lossWeights: { parameters: 0.05, sequence: 0.2 },
    teacher: null,
    initialWeights: null,
    steps: numberOrNull('--steps', flags.steps),
    minutes: numberOrNull('--minutes', flags.minutes),
    batch: parseNumber('--batch', flags.batch),
    learningRate: parseNumber('--learning-rate', flags.learningRate),
    seed: parseNumber('--seed', flags.seed),
    threads: parseNumber('--threads', flags.threads),
  };
}

function priorOf(flags: TrainFlags): DecayPrior {
  return {
    laserPeriodFs: Math.round(
      1000 * parseNumber('--laser-period-ps', required('--laser-period-ps', flags.laserPeriodPs)),
    ),
    gatesFs: gatesOf(flags),
    irf: parseIrf('--irf', flags.irf),
    irfCenterPs: parseNumber('--irf-center-ps', flags.irfCenterPs),
    irfJitterPs: parseNumber('--irf-jitter-ps', flags.irfJitterPs),
    irfWidthJitter: parseNumber('--irf-width-jitter', flags.irfWidthJitter),
    background: parseRange('--background', flags.background),
    darkPhotons: parseRange('--dark-photons', flags.darkPhotons),
    tauPs: parseRangeNs('--tau-ns', flags.tauNs),
    fractionOf: parseFractionOf('--fraction', flags.fraction),
    mono: parseNumber('--mono', flags.mono),
    species:
      flags.speciesNs === undefined
        ? null
        : parseSpecies('--species-ns', flags.speciesNs, parseNumber('--species-share', flags.speciesShare)),
  };
}

function gatesOf(flags: TrainFlags): [number, number][] {
  if (flags.gatesSpec !== undefined) {
    const binWidthPs = parseNumber('--bin-width-ps', required('--bin-width-ps', flags.binWidthPs));
    return parseGateSpec('--gates-spec', flags.gatesSpec, binWidthPs);
  }
  return evenGates(
    parseNumber('--gates', required('--gates or --gates-spec', flags.gates)),
    parseNumber('--gate-width-ps', required('--gate-width-ps', flags.gateWidthPs)),
    parseNumber('--window-start-ps', flags.windowStartPs),
  );
}

export function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new FlimdError('FLIMD_E_CONFIG', `${option} is missing`, { action: 'see flimd model train --help' });
}
