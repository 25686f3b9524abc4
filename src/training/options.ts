import { photonFeature } from '../lifetime/integer-arithmetic.js';
import { FlimdError } from '../protocol/errors.js';
import { fixedPoint } from '../protocol/fixed-point.js';
import type { ExampleOptions } from './batches.js';
import type { Range } from './decays.js';
import type { Belief } from './distillation.js';
import { irfNodes, type IrfShape, irfWidthPs } from './irf.js';
import type { LossWeights } from './loss.js';
import type { Precision } from './quantize.js';

/** Widths whose integer arithmetic the forward pass can mirror. */
export type QatPrecision = Extract<Precision, 8 | 4>;

export interface TeacherOptions {
  /** SHA-256 of the teacher's checkpoint. */
  sha256: string;
  belief: Belief;
  /** Batches that the teacher answers; the student goes through them again and again. */
  batches: number;
}

/** Everything that decides what a training makes; recorded in the package. */
export interface TrainingOptions extends ExampleOptions {
  name: string;
  description: string;
  hidden: number;
  head: number;
  /** Whether the deconvolved decay is learned too, by a decoder. */
  decoder: boolean;
  /** Bits of the weights in the forward pass; null: float. */
  precision: QatPrecision | null;
  lossWeights: LossWeights;
  /** Whose answers are learned beside the truth; null: from scratch. */
  teacher: TeacherOptions | null;
  /** SHA-256 of the checkpoint whose weights this training begins with; null: random weights. */
  initialWeights: string | null;
  batch: number;
  seed: number;
  learningRate: number;
  /** Length of the training: one of the two. Only one given in steps can be repeated bit by bit. */
  steps: number | null;
  minutes: number | null;
  /** Threads of the native encoder. Sums are taken per thread, so that another number gives other last digits. */
  threads: number;
}

/** The trained range of the photon feature. */
export function photonFeatureRange([low, high]: Range): [number, number] {
  const everything = [-fixedPoint.photonFeatureLimit, fixedPoint.photonFeatureLimit] as const;
  return [photonFeature(Math.floor(low), everything), photonFeature(Math.ceil(high), everything)];
}

interface Rule {
  name: string;
  value: (options: TrainingOptions) => unknown;
  holds: (options: TrainingOptions) => boolean;
  expected: string;
}

const between = (value: number, low: number, high: number): boolean => value >= low && value <= high;
const wholeBetween = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && between(value, low, high);
const ascending = ([first, last]: Range, low: number, high: number): boolean =>
  first >= low && last >= first && last <= high;

/** Largest layer of the native training op. */
const MAX_FLOAT_UNITS = 512;
const unitsFit = ({ precision }: TrainingOptions, units: number): boolean =>
  wholeBetween(units, 1, precision === null ? MAX_FLOAT_UNITS : fixedPoint.maxUnits);

const periodPs = (options: TrainingOptions): number => options.prior.laserPeriodFs / 1000;

/** A shorter lifetime leaves the range of the exponentials in wrapped-decay.ts. */
const PERIOD_PER_SHORTEST_TAU = 500;

const rules: readonly Rule[] = [
  {
    name: '--name',
    value: (o) => o.name,
    holds: (o) => /^[A-Za-z0-9][\w.-]*$/.test(o.name),
    expected: 'letters, digits, dots, dashes',
  },
  {
    name: '--laser-period-ps',
    value: periodPs,
    holds: (o) => between(periodPs(o), 100, 1e6),
    expected: '100 to 1000000',
  },
  {
    name: 'the number of gates',
    value: (o) => o.prior.gatesFs.length,
    holds: (o) => between(o.prior.gatesFs.length, 2, fixedPoint.maxGates),
    expected: `2 to ${fixedPoint.maxGates} gates`,
  },
  {
    name: 'a gate (fs)',
    value: (o) => o.prior.gatesFs.find((_, gate) => !followsGatesBefore(o, gate)),
    holds: (o) => o.prior.gatesFs.every((_, gate) => followsGatesBefore(o, gate)),
    expected: 'ascending gates that do not overlap, none before bin 0',
  },
  {
    name: 'the window of the gates (ps)',
    value: windowPs,
    holds: (o) => windowPs(o) <= periodPs(o),
    expected: 'at most the laser period',
  },
  {
    name: '--irf',
    value: (o) => irfInShort(o.prior.irf),
    holds: (o) => between(irfWidthPs(o.prior.irf), 1, periodPs(o) / 2) && withinPeriod(o),
    expected: 'a width of 1 ps to half the laser period, and no light farther off than a period',
  },
  {
    name: '--irf-center-ps',
    value: (o) => o.prior.irfCenterPs,
    holds: (o) => between(o.prior.irfCenterPs, -periodPs(o), 2 * periodPs(o)),
    expected: 'a time within a laser period of the window',
  },
  {
    name: '--irf-jitter-ps',
    value: (o) => o.prior.irfJitterPs,
    holds: (o) => between(o.prior.irfJitterPs, 0, periodPs(o) / 2),
    expected: '0 to half the laser period',
  },
  {
    name: '--irf-width-jitter',
    value: (o) => o.prior.irfWidthJitter,
    holds: (o) => between(o.prior.irfWidthJitter, 0, 0.9),
    expected: '0 to 0.9',
  },
  {
    name: '--background',
    value: (o) => o.prior.background,
    holds: (o) => ascending(o.prior.background, 0, 0.5),
    expected: 'a range within 0..0.5',
  },
  {
    name: '--dark-photons',
    value: (o) => o.prior.darkPhotons,
    holds: (o) => ascending(o.prior.darkPhotons, 0, 500),
    expected: 'a range within 0..500',
  },
  {
    name: '--species-ns',
    value: (o) => o.prior.species,
    holds: speciesInRange,
    expected: 'two ranges within --tau-ns, and a share of 0 to 1',
  },
  {
    name: '--tau-ns',
    value: (o) => o.prior.tauPs.map((ps) => ps / 1000),
    holds: (o) => ascending(o.prior.tauPs, periodPs(o) / PERIOD_PER_SHORTEST_TAU, 32_767),
    expected: 'a range from a 500th of the laser period up to 32.767',
  },
  {
    name: '--mono',
    value: (o) => o.prior.mono,
    holds: (o) => between(o.prior.mono, 0, 1),
    expected: '0 to 1',
  },
  {
    name: '--photons',
    value: (o) => o.photons,
    holds: (o) => ascending(o.photons, 1, fixedPoint.maxPhotons / 2),
    expected: `a range within 1..${fixedPoint.maxPhotons / 2}`,
  },
  {
    name: '--photon-weight',
    value: (o) => o.photonWeightExponent,
    holds: (o) => between(o.photonWeightExponent, 0, 2),
    expected: '0 to 2',
  },
  {
    name: '--hidden',
    value: (o) => o.hidden,
    holds: (o) => unitsFit(o, o.hidden) && o.hidden % fixedPoint.unitGranule === 0,
    expected: `a multiple of ${fixedPoint.unitGranule} up to ${fixedPoint.maxUnits}, ${MAX_FLOAT_UNITS} in float`,
  },
  {
    name: '--head',
    value: (o) => o.head,
    holds: (o) => unitsFit(o, o.head),
    expected: `1 to ${fixedPoint.maxUnits}, ${MAX_FLOAT_UNITS} in float`,
  },
  {
    name: '--sequence-weight',
    value: (o) => o.lossWeights.sequence,
    holds: (o) => between(o.lossWeights.sequence, 0, 10),
    expected: '0 to 10',
  },
  {
    name: '--parameter-weight',
    value: (o) => o.lossWeights.parameters,
    holds: (o) => between(o.lossWeights.parameters, 0, 10),
    expected: '0 to 10',
  },
  {
    name: '--distill-outputs, --distill-sequence',
    value: (o) => o.teacher?.belief,
    holds: ({ teacher }) =>
      teacher === null || (between(teacher.belief.outputs, 0, 1) && between(teacher.belief.sequence, 0, 1)),
    expected: '0 (the truth) to 1 (the teacher)',
  },
  {
    name: '--distill-batches',
    value: (o) => o.teacher?.batches,
    holds: ({ teacher }) => teacher === null || wholeBetween(teacher.batches, 1, 100_000),
    expected: '1 to 100000',
  },
  {
    name: '--batch',
    value: (o) => o.batch,
    holds: (o) => wholeBetween(o.batch, 1, 65_536),
    expected: '1 to 65536',
  },
  {
    name: '--seed',
    value: (o) => o.seed,
    holds: (o) => wholeBetween(o.seed, 0, 2 ** 31 - 1),
    expected: '0 to 2147483647',
  },
  {
    name: '--learning-rate',
    value: (o) => o.learningRate,
    holds: (o) => between(o.learningRate, 1e-6, 0.1),
    expected: '1e-6 to 0.1',
  },
  {
    name: '--threads',
    value: (o) => o.threads,
    holds: (o) => wholeBetween(o.threads, 1, 64),
    expected: '1 to 64',
  },
  {
    name: '--steps, --minutes',
    value: (o) => [o.steps, o.minutes],
    holds: lengthGiven,
    expected: 'one of the two, above 0',
  },
];

function followsGatesBefore({ prior }: TrainingOptions, gate: number): boolean {
  const [start, end] = prior.gatesFs[gate]!;
  return end > start && start >= (prior.gatesFs[gate - 1]?.[1] ?? 0);
}

function windowPs({ prior }: TrainingOptions): number {
  return (prior.gatesFs.at(-1)![1] - prior.gatesFs[0]![0]) / 1000;
}

/** A measured response without its many instants. */
function irfInShort(irf: IrfShape): unknown {
  return irf.kind === 'measured' ? `${irf.source.name}, ${irf.fwhmPs} ps wide` : irf;
}

function withinPeriod({ prior: { irf, laserPeriodFs } }: TrainingOptions): boolean {
  return irfNodes(irf).offsetsPs.every((offset) => 1000 * Math.abs(offset) <= laserPeriodFs);
}

function speciesInRange({ prior: { species, tauPs } }: TrainingOptions): boolean {
  if (species === null) return true;
  const inside = (range: Range): boolean => ascending(range, tauPs[0], tauPs[1]);
  return inside(species.tau1Ps) && inside(species.tau2Ps) && between(species.share, 0, 1);
}

function lengthGiven({ steps, minutes }: TrainingOptions): boolean {
  if (steps !== null) return minutes === null && Number.isInteger(steps) && steps > 0;
  return minutes !== null && minutes > 0;
}

/** Throws FLIMD_E_CONFIG for the first option out of its range. */
export function checkOptions(options: TrainingOptions): void {
  const broken = rules.find((rule) => !rule.holds(options));
  if (broken === undefined) return;
  const value = broken.value(options);
  throw new FlimdError(
    'FLIMD_E_CONFIG',
    `${broken.name} is ${JSON.stringify(value)}, expected ${broken.expected}`,
    {
      value,
      expected: broken.expected,
      action: 'see --help of this command',
    },
  );
}
