import { sha256 } from '../lifetime/model-hash.js';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import { BatchStream } from './batch-stream.js';
import { networkOf, readCheckpoint, type TrainingFiles, weightsHash } from './checkpoint.js';
import type { DecayPrior } from './decays.js';
import type { Labels } from './distillation.js';
import { LabelsReader, LabelsWriter } from './labels.js';
import type { Network } from './network.js';
import type { TrainingOptions } from './options.js';
import { OUTPUTS, targetOutputs, TARGETS } from './outputs.js';

/** The teacher answers pixels it has not been trained on: there its answer would hold part of their noise. */
export const labelSeed = (seed: number): number => seed ^ (2 ** 29);

/** The teacher's answers to a batch. */
export function labelsOf(teacher: Network, batch: Batch): Labels {
  const { outputs, decays } = teacher.predict(batch, null);
  const targets = new Float32Array(batch.u.length * TARGETS);
  for (let example = 0; example < batch.u.length; example++) {
    targetOutputs.forEach((output, target) => {
      targets[example * TARGETS + target] = outputs[example * OUTPUTS + output]!;
    });
  }
  return { targets, decays: decays! };
}

/**
 * The labelled batches of a training, from the file where it holds them, or else made by the teacher and kept there;
 * null where the signal came first. Throws FLIMD_E_TRAINING for a teacher that is another than the options say or
 * that cannot teach.
 */
export async function labelledBatches(
  options: TrainingOptions,
  files: TrainingFiles,
  { onLabels, signal }: { onLabels?: (fractionDone: number) => void; signal?: AbortSignal },
): Promise<LabelsReader | null> {
  const { teacher, prior, photons, photonFeature, photonWeightExponent, batch } = options;
  const seed = labelSeed(options.seed);
  const { sha256: hash, batches } = teacher!;
  const decides = { hash, batches, prior, photons, photonFeature, photonWeightExponent, batch, seed };
  const key = sha256(Buffer.from(JSON.stringify(decides)));
  const found = LabelsReader.find(files.labels!, key);
  if (found !== null) return found;
  const network = await loadTeacher(options, files);
  const header = { format: 'flimd-labels', batches, size: batch, gates: prior.gatesFs.length, key } as const;
  const writer = await LabelsWriter.create(files.labels!, header);
  const stream = new BatchStream({ options, size: batch, seed }, 0);
  try {
    for (let index = 0; index < batches; index++) {
      if (signal?.aborted === true) return null;
      const drawn = await stream.next();
      await writer.add(drawn, labelsOf(network, drawn));
      onLabels?.((index + 1) / batches);
    }
    await writer.finish();
  } finally {
    await Promise.all([stream.close(), writer.close()]);
    network.dispose();
  }
  return LabelsReader.find(files.labels!, key);
}

async function loadTeacher(options: TrainingOptions, { teacher }: TrainingFiles): Promise<Network> {
  const checkpoint = await readCheckpoint(teacher!);
  const refuse = (what: string, expected: string): FlimdError =>
    new FlimdError('FLIMD_E_TRAINING', `the teacher ${what}`, {
      value: teacher,
      expected,
      action: 'give the checkpoint of a teacher trained for the same instrument and sample, with a decoder',
    });
  if (weightsHash(checkpoint) !== options.teacher!.sha256) {
    throw refuse('has changed since this training began', options.teacher!.sha256);
  }
  const different = differenceOf(checkpoint.options, options);
  if (different !== null) {
    throw refuse(`was trained for ${factNames[different]}`, JSON.stringify(options.prior[different]));
  }
  if (!checkpoint.options.decoder) throw refuse('has no decoder', 'a network with one');
  return networkOf(checkpoint, options.threads);
}

const factNames: Record<keyof DecayPrior, string> = {
  laserPeriodFs: 'another laser period',
  gatesFs: 'other gates',
  irf: 'another response',
  irfCenterPs: 'another place of the response',
  irfJitterPs: 'another jitter of the response',
  irfWidthJitter: 'another jitter of its width',
  background: 'another background',
  darkPhotons: 'other dark photons',
  tauPs: 'other lifetimes',
  fractionOf: 'another meaning of the fraction',
  mono: 'another part of single lifetimes',
  species: 'other species',
};

/** The first fact of instrument or sample in which two trainings differ; null where they are alike. */
function differenceOf(one: TrainingOptions, other: TrainingOptions): keyof DecayPrior | null {
  const facts = Object.keys(other.prior) as (keyof DecayPrior)[];
  return facts.find((fact) => JSON.stringify(one.prior[fact]) !== JSON.stringify(other.prior[fact])) ?? null;
}
