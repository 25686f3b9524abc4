import type { Range } from '../training/decays.js';
import { photonFeatureRange } from '../training/options.js';
import { evenGates } from '../training/option-text.js';
import type { StudyOptions } from './study-plan.js';

const photons: Range = [20, 5000];

/**
 * The study behind docs/compression.md: the instrument and sample of models/cells-12.5ns-32 (field notes §2 with the
 * response's place and width not quite known), Seq2Seq 256 as the teacher.
 */
export const compressionOptions: StudyOptions = {
  common: {
    prior: {
      laserPeriodFs: 12_500_000,
      gatesFs: evenGates(32, 390.625, 0),
      irf: { kind: 'gaussian', fwhmPs: 200 },
      irfCenterPs: 1500,
      irfJitterPs: 60,
      irfWidthJitter: 0.1,
      background: [0, 0.1],
      darkPhotons: [0, 0],
      tauPs: [200, 5000],
      fractionOf: 'photons',
      mono: 0.3,
      species: null,
    },
    photons,
    photonFeature: photonFeatureRange(photons),
    photonWeightExponent: 0.7,
    lossWeights: { parameters: 0.05, sequence: 0.2 },
    seed: 1,
  },
  sizes: [8, 16, 32, 64],
  teacher: { hidden: 256, head: 128, steps: [5000, 5000], batch: 256, learningRate: 0.001 },
  student: { head: 32, steps: 6000, batch: 512, learningRate: 0.003 },
  qat: { steps: 3000, learningRate: 0.001 },
  labelledBatches: 2000,
  belief: { outputs: 0.95, sequence: 0.95 },
  dissectedSize: 32,
  mono: { hidden: 32, head: 32, steps: 6000 },
};
