import { availableParallelism } from 'node:os';
import { MultiBar, type SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { loadModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import type { StudyHooks, StageReport } from '../evaluation/study-run.js';
import type { StudyOptions } from '../evaluation/study-plan.js';
import type { TrainingOptions } from '../training/options.js';
import { parseNumber } from '../training/option-text.js';

const examples = `
A teacher (Seq2Seq 256), students of 8 to 64 units from scratch and distilled, each fine-tuned in 8 and 4 bit, a
mono-exponential network: some hours on two cores. Checkpoints stay in --out; begun again, it goes on where it stopped.

Examples:
  the study of docs/compression.md:
    flimd model study --out study
  for an instrument of your own:
    flimd model train --name mine … && flimd model study --of models/mine --out study-mine
  then:
    flimd model evaluate study
`;

interface StudyFlags {
  out: string;
  of?: string;
  jobs: string;
}

/** `flimd model study` */
export function modelStudyCommand(): Command {
  return new Command('study')
    .description('train a teacher and students by every compression technique, to compare them')
    .requiredOption('--out <dir>', 'where the checkpoints go')
    .option('--of <package>', 'instrument and sample of this package instead of the built-in ones')
    .option('--jobs <n>', 'trainings at a time, one thread each', String(Math.min(2, availableParallelism())))
    .addHelpText('after', examples)
    .action(runStudyCommand);
}

async function runStudyCommand({ out, of, jobs }: StudyFlags): Promise<void> {
  const { runStudy } = await import('../evaluation/study-run.js');
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort());
  const { hooks, finish } = progressOf();
  const finished = await runStudy(out, await studyOptions(of), parseJobs(jobs), {
    ...hooks,
    signal: interrupt.signal,
  }).finally(finish);
  if (!finished) process.exitCode = 1;
  process.stdout.write(
    finished
      ? `all trained; measure with: flimd model evaluate ${out}\n`
      : `interrupted; go on with the same command\n`,
  );
}

function parseJobs(text: string): number {
  const jobs = parseNumber('--jobs', text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 64) return jobs;
  throw new FlimdError('FLIMD_E_CONFIG', `--jobs is ${text}, expected 1 to 64`, { value: text });
}

async function studyOptions(of: string | undefined): Promise<StudyOptions> {
  const { compressionOptions } = await import('../evaluation/compression-options.js');
  if (of === undefined) return compressionOptions;
  const { training, name } = await loadModelPackage(of);
  const options = training['options'] as TrainingOptions | undefined;
  if (options?.prior === undefined) {
    throw new FlimdError('FLIMD_E_MODEL_FILE', `the package ${name} does not say what it was trained for`, {
      action: 'give a package of flimd model train',
    });
  }
  const { prior, photons, photonFeature, photonWeightExponent } = options;
  const common = { ...compressionOptions.common, prior, photons, photonFeature, photonWeightExponent };
  return { ...compressionOptions, common };
}

/** A bar for every training at work, and one for the study. */
function progressOf(): { hooks: StudyHooks; finish: () => void } {
  const bars = new MultiBar({
    format: '{name} |{bar}| {percentage} % {note}',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
    hideCursor: true,
    clearOnComplete: false,
  });
  const active = new Map<string, SingleBar>();
  let whole: SingleBar;
  const barOf = (id: string): SingleBar => {
    const bar = active.get(id) ?? bars.create(1000, 0, { name: id.padEnd(28), note: '' });
    active.set(id, bar);
    return bar;
  };
  const hooks: StudyHooks = {
    onStart: (stages, finished) => {
      whole = bars.create(stages.length, finished.size, { name: 'study'.padEnd(28), note: 'trainings' });
    },
    onProgress: ({ id, fractionDone, loss, labelling }: StageReport) =>
      barOf(id).update(Math.round(1000 * fractionDone), {
        note: labelling ? 'the teacher answers' : `loss ${loss?.toExponential(3) ?? ''}`,
      }),
    onFinished: (id) => {
      const bar = active.get(id);
      if (bar) bars.remove(bar);
      active.delete(id);
      whole.increment();
    },
  };
  return { hooks, finish: () => bars.stop() };
}
