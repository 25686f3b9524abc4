import type { DecayPrior } from '../../src/training/decays.js';
import { photonFeatureRange, type TrainingOptions } from '../../src/training/options.js';
import { evenGates } from '../../src/training/option-text.js';

/** 12.5 ns in 16 gates, a 200 ps response, bi-exponential decays of 0.5 to 4 ns. */
export function testPrior(change: Partial<DecayPrior>): DecayPrior {
  return {
    laserPeriodFs: 12_500_000,
    gatesFs: evenGates(16, 781.25, 0),
    irf: { kind: 'gaussian', fwhmPs: 200 },
    irfCenterPs: 1500,
    irfJitterPs: 20,
    irfWidthJitter: 0.1,
    background: [0, 0.05],
    darkPhotons: [0, 0],
    tauPs: [500, 4000],
    fractionOf: 'photons',
    mono: 0.3,
    species: null,
    ...change,
  };
}

/** A small network and a short training. */
export function testOptions(change: Partial<TrainingOptions>): TrainingOptions {
  return {
    name: 'test',
    description: 'a test',
    prior: testPrior({}),
    photons: [100, 1000],
    photonFeature: photonFeatureRange([100, 1000]),
    photonWeightExponent: 0.7,
    hidden: 8,
    head: 8,
    decoder: false,
    precision: 8,
    lossWeights: { parameters: 0.05, sequence: 0.2 },
    teacher: null,
    initialWeights: null,
    batch: 64,
    seed: 1,
    learningRate: 0.01,
    steps: 40,
    minutes: null,
    threads: 2,
    ...change,
  };
}
