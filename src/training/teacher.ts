import { sha256 } from '../lifetime/model-hash.js';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import { BatchStream } from './batch-stream.js';
import { networkOf, readCheckpoint, type TrainingFiles, weightsHash } from './checkpoint.js';
import type { Labels } from './distillation.js';
import { LabelsReader, LabelsWriter } from './labels.js';
import type { Network } from './network.js';
import type { TrainingOptions } from './options.js';
import { OUTPUTS, targetOutputs, TARGETS } from './outputs.js';

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
 * null where the signal came first. Throws FLIMD_E_TRAINING for a teacher that is another than the options say or that cannot teach.
 */
export async function labelledBatches(
  options: TrainingOptions,
  files: TrainingFiles,
  { onLabels, signal }: { onLabels?: (fractionDone: number) => void; signal?: AbortSignal },
): Promise<LabelsReader | null> {
  const { teacher, prior, photons, photonFeature, photonWeightExponent, batch, seed } = options;
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
      action: 'give the checkpoint of a teacher trained for the same gates, with a decoder',
    });
  if (weightsHash(checkpoint) !== options.teacher!.sha256) {
    throw refuse('has changed since this training began', options.teacher!.sha256);
  }
  if (timingOf(checkpoint.options) !== timingOf(options)) {
    throw refuse('was trained for other gates', 'the gates and the laser period of this training');
  }
  if (!checkpoint.options.decoder) throw refuse('has no decoder', 'a network with one');
  return networkOf(checkpoint, options.threads);
}

const timingOf = ({ prior: { laserPeriodFs, gatesFs } }: TrainingOptions): string =>
  JSON.stringify([laserPeriodFs, gatesFs]);
