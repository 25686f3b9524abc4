import { z } from 'zod';
import { FlimdError } from '../protocol/errors.js';

/*
 * docs/compression.json: what the study "teacher → Seq2SeqLite → 8 bit" measured. Lifetimes in ns; unless said
 * otherwise errors are those of the amplitude-weighted mean lifetime over the pixels of the prior.
 */

const whole = z.number().int().nonnegative();
const positive = z.number().positive();

/** Figures keyed by the photon count they were measured at, as text: `{"50": 0.46, "100": 0.41}`. */
const byPhotons = z.record(z.string().regex(/^[1-9]\d*$/, 'expected a photon count as key'), z.number());
/** As `byPhotons`; null where no pixel gave an estimate. */
const byPhotonsWhereAny = z.record(z.string().regex(/^[1-9]\d*$/), z.number().nullable());

const outputErrorsNs = z.strictObject({
  rmseNs: byPhotons,
  maeNs: byPhotons,
  biasNs: byPhotons,
  bayesRmseNs: byPhotons,
});
const outputErrors = z.strictObject({
  rmse: byPhotons,
  mae: byPhotons,
  bias: byPhotons,
  bayesRmse: byPhotons,
});

/** Parameters, bytes of the weights, multiply-accumulates per pixel. */
const size = { parameters: whole, bytes: whole, macsPerPixel: whole };

const network = {
  role: z.enum(['teacher', 'student']),
  hidden: whole.positive(),
  training: z.enum(['scratch', 'kd']),
  quantization: z.enum(['float', 'ptq', 'qat']),
  bits: z.union([z.literal(32), z.literal(16), z.literal(8), z.literal(4)]),
};

const row = z.strictObject({
  ...network,
  /** Of the live path: encoder and head. */
  ...size,
  /** What the decoder adds; null for a network without one. */
  decoder: z.strictObject(size).nullable(),
  steps: whole,
  wallSeconds: z.number().nonnegative(),
  rmseNs: byPhotons,
  maeNs: byPhotons,
  biasNs: byPhotons,
  bayesRmseNs: byPhotons,
  bayesMaeNs: byPhotons,
  outputs: z.strictObject({
    meanLifetimeIntensity: outputErrorsNs,
    tau1: outputErrorsNs,
    tau2: outputErrorsNs,
    fraction: outputErrors,
  }),
  /** RMS error of the decoded, deconvolved decay relative to its start value of 1. */
  sequenceRmse: byPhotons.nullable(),
  /** RMS of the predicted standard error over the RMS of the true error. */
  standardErrorRatio: byPhotons.nullable(),
});

const distilled = z.strictObject({
  hidden: whole.positive(),
  /** Whether the teacher's outputs were a target. */
  outputs: z.boolean(),
  /** Whether the teacher's decoded sequence was a target. */
  sequence: z.boolean(),
  maeNs: byPhotons,
  rmseNs: byPhotons,
});

const classical = z.strictObject({
  name: z.string().min(1),
  title: z.string().min(1),
  rmseNs: byPhotonsWhereAny,
  maeNs: byPhotonsWhereAny,
  biasNs: byPhotonsWhereAny,
  /** Part of the pixels, 0 to 1, that gave an estimate. */
  valid: byPhotonsWhereAny,
  pixelsPerSecond: positive.nullable(),
});

const mono = z.strictObject({
  photons: positive,
  /** Part of the photons, 0 to 1. */
  background: z.number().min(0).max(1),
  /** f and crbF are σ(τ)/τ · √photons, of the network and of the Cramér–Rao bound. */
  rows: z.array(
    z.strictObject({ tauNs: positive, f: positive, crbF: positive, ratio: positive, biasNs: z.number() }),
  ),
  steps: whole,
});

const uncertainty = z.strictObject({
  rows: z.array(
    z.strictObject({
      photons: positive,
      /** Of the pixels, by their estimated lifetime: 1 the shortest. */
      quarter: whole.positive(),
      tauFromNs: z.number().nonnegative(),
      tauToNs: positive,
      predictedNs: positive,
      trueNs: positive,
      ratio: positive,
    }),
  ),
});

const recording = z.strictObject({
  name: z.string().min(1),
  /** The package that was measured, and its hash. */
  model: z.string(),
  hash: z.string(),
  /** Blocks of pixels that were summed before the network, as "8×8". */
  blocks: z.string().optional(),
  figures: z.array(
    z.strictObject({
      region: z.string(),
      quantity: z.string(),
      /** Part of the region's trusted pixels with an estimate; both medians are over these. */
      valid: z.number().min(0).max(1),
      foundNs: z.number(),
      referenceNs: z.number(),
      /** (found − reference) / reference. */
      relative: z.number(),
    }),
  ),
  rankCorrelation: z.record(z.string(), z.number()).optional(),
});

const studyObject = z.strictObject({
  format: z.literal('flimd-compression-study'),
  formatVersion: z.literal(1),
  made: z.strictObject({
    at: z.iso.datetime({ offset: true }),
    flimd: z.string(),
    node: z.string(),
    simd: z.string(),
    /** Of the evaluation; those of the trainings stand in `study`. */
    threads: whole.positive(),
    seed: whole,
    /** Decays that stand for the prior in the Bayes limit. */
    samples: whole.positive(),
  }),
  /** Every option of the trainings. */
  study: z.record(z.string(), z.unknown()),
  prior: z.record(z.string(), z.unknown()),
  description: z.string().min(1),
  photons: z.array(whole.positive()).min(1),
  /** Pixels of the prior behind each figure. */
  pixels: whole.positive(),
  rows: z.array(row).min(1),
  /** A float student trained as long as the quantized ones, and its quantizations after training. */
  control: z.array(row),
  kd: z.strictObject({ rows: z.array(distilled), text: z.string().optional() }),
  classical: z.array(classical),
  mono: mono.nullable(),
  uncertainty: uncertainty.nullable(),
  recordings: z.array(recording),
  targets: z.array(
    z.strictObject({ name: z.string(), target: z.string(), measured: z.string(), met: z.boolean() }),
  ),
  trainingLogs: z.array(
    z.strictObject({
      name: z.string(),
      ...network,
      points: z.array(z.tuple([whole, z.number()])),
    }),
  ),
});

export type StudyRow = z.infer<typeof row>;
export type StudyNetwork = Pick<StudyRow, 'role' | 'hidden' | 'training' | 'quantization' | 'bits'>;
export type ErrorsByPhotons = z.infer<typeof byPhotons>;
export type ClassicalEstimator = z.infer<typeof classical>;
export type CompressionStudy = z.infer<typeof studyObject>;

/** Also refuses networks listed twice and figures that lack one of the study's photon counts. */
export const compressionStudySchema = studyObject.superRefine((study, context) => {
  const counts = study.photons.map(String);
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const complete = (path: PropertyKey[], figures: ErrorsByPhotons | null) => {
    const missing = figures === null ? [] : counts.filter((count) => !(count in figures));
    if (missing.length > 0) refuse(path, `expected a figure at ${missing.join(', ')} photons`);
  };
  const networks = new Set<string>();
  study.rows.forEach((entry, index) => {
    const { role, hidden, training, quantization, bits } = entry;
    const name = [role, hidden, training, quantization, bits].join(' ');
    if (networks.has(name)) refuse(['rows', index], `expected each network once, found ${name} twice`);
    networks.add(name);
    for (const [key, figures] of figuresOf(entry)) complete(['rows', index, ...key], figures);
  });
  study.kd.rows.forEach((entry, index) => {
    complete(['kd', 'rows', index, 'maeNs'], entry.maeNs);
    complete(['kd', 'rows', index, 'rmseNs'], entry.rmseNs);
  });
});

/** Every set of figures by photon count in a row, with its path. */
function figuresOf(entry: StudyRow): [string[], ErrorsByPhotons | null][] {
  const { rmseNs, maeNs, biasNs, bayesRmseNs, bayesMaeNs, sequenceRmse, standardErrorRatio } = entry;
  const own = { rmseNs, maeNs, biasNs, bayesRmseNs, bayesMaeNs, sequenceRmse, standardErrorRatio };
  return [
    ...Object.entries(own).map(([key, figures]): [string[], ErrorsByPhotons | null] => [[key], figures]),
    ...Object.entries(entry.outputs).flatMap(([output, errors]) =>
      Object.entries(errors).map(([key, figures]): [string[], ErrorsByPhotons] => [
        ['outputs', output, key],
        figures,
      ]),
    ),
  ];
}

/** A study read from JSON, or FLIMD_E_STUDY naming the first place that is not as described. */
export function parseCompressionStudy(content: unknown): CompressionStudy {
  const parsed = compressionStudySchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], content);
  const at = issue.path.join('.') || 'the study';
  throw new FlimdError('FLIMD_E_STUDY', `${at} is not valid: ${issue.message}`, {
    value,
    expected: issue.message,
    action: 'make the study again, or mend the file: src/evaluation/compression-study.ts describes it',
  });
}
