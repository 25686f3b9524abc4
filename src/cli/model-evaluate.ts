import { access, constants, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import type { CompressionStudy } from '../evaluation/compression-study.js';
import type { EstimatorFigures, PackageEvaluation } from '../evaluation/package-evaluation.js';
import type { StudyOptions } from '../evaluation/study-plan.js';
import { loadModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import { parseNumber } from '../training/option-text.js';

const examples = `
All figures are on pixels drawn from the prior the network was trained on, beside the Bayes limit of that prior (no
estimator has a smaller RMSE) and classical estimators.

Examples:
  flimd model evaluate models/cells-12.5ns-32
  flimd model evaluate study --write docs/compression.json --recordings ../shared/data
`;

interface EvaluateFlags {
  pixels: string;
  samples: string;
  seed: string;
  threads: string;
  recordings?: string;
  models: string;
  write?: string;
  json?: boolean;
}

/** `flimd model evaluate` */
export function modelEvaluateCommand(): Command {
  return new Command('evaluate')
    .description('how good a package or the networks of a study are')
    .argument('<dir>', 'a package, or the folder of flimd model study')
    .option('--pixels <n>', 'pixels behind each figure; fits take some 10 ms each', '2000')
    .option('--samples <n>', 'decays that stand for the prior in the Bayes limit', '300000')
    .option('--seed <n>', 'of the pixels', '1000')
    .option('--threads <n>', 'threads', '2')
    .option(
      '--recordings <dir>',
      'recordings with reference lifetimes, cells-sdt and yeast-nadh (study only)',
    )
    .option('--models <dir>', 'packages for them', 'models')
    .option('--write <file>', 'write the figures there, as JSON')
    .option('--json', 'the figures, for programs')
    .addHelpText('after', examples)
    .action(evaluate);
}

async function evaluate(directory: string, flags: EvaluateFlags): Promise<void> {
  const { readStudy } = await import('../evaluation/study-file.js');
  const study = await readStudy(directory);
  if (flags.write !== undefined) await checkWritable(flags.write);
  const figures =
    study === null ? await evaluateOne(directory, flags) : await evaluateAll(directory, study, flags);
  const json = `${JSON.stringify(figures, null, 2)}\n`;
  process.stdout.write(flags.json ? json : 'rows' in figures ? studyTable(figures) : packageTable(figures));
  if (flags.write !== undefined) await writeFile(flags.write, json);
}

/** Before the work, not after it. */
async function checkWritable(file: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  await access(folder, constants.W_OK).catch((cause: Error) => {
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      `--write ${file}: ${cause.message}`,
      { value: file, expected: 'a file in a folder that can be written' },
      { cause },
    );
  });
}

const whole = (option: string, text: string, most = 10_000_000): number => {
  const value = parseNumber(option, text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new FlimdError('FLIMD_E_CONFIG', `${option} is ${text}, expected a whole number from 1 to ${most}`, {
    value: text,
    action: 'see flimd model evaluate --help',
  });
};

const common = (flags: EvaluateFlags) => ({
  pixels: whole('--pixels', flags.pixels),
  samples: whole('--samples', flags.samples),
  seed: whole('--seed', flags.seed),
});

const onProgress = (what: string, fractionDone: number): void =>
  void process.stderr.write(`${what} … ${Math.round(100 * fractionDone)} %\n`);

async function evaluateOne(directory: string, flags: EvaluateFlags): Promise<PackageEvaluation> {
  const { evaluatePackage } = await import('../evaluation/package-evaluation.js');
  return evaluatePackage(await loadModelPackage(directory), common(flags), onProgress);
}

async function evaluateAll(
  directory: string,
  study: StudyOptions,
  flags: EvaluateFlags,
): Promise<CompressionStudy> {
  const { evaluateStudy } = await import('../evaluation/study-evaluation.js');
  return evaluateStudy(directory, study, {
    ...common(flags),
    threads: whole('--threads', flags.threads, 64),
    recordings: flags.recordings ?? null,
    models: flags.models,
    onProgress,
  });
}

const ns = (value: number | null | undefined): string =>
  (value === null || value === undefined ? '–' : value.toFixed(3)).padStart(8);

function studyTable({ rows, photons, targets }: CompressionStudy): string {
  const title = (text: string) => text.padEnd(34);
  return [
    `RMSE of tau_amp (ns) at ${photons.join(', ')} photons`,
    `${title('Bayes limit')}${photons.map((count) => ns(rows[0]!.bayesRmseNs[count])).join('')}`,
    ...rows.map((row) => {
      const { role, hidden, training, quantization, bits, parameters, bytes, macsPerPixel } = row;
      const name = `${role} ${hidden} ${training} ${quantization} ${bits}`;
      const size = `${parameters} parameters, ${bytes} bytes, ${macsPerPixel} MAC`;
      return `${title(name)}${photons.map((count) => ns(row.rmseNs[count])).join('')}   ${size}`;
    }),
    '',
    ...targets.map(
      ({ name, target, measured, met }) => `${met ? 'met   ' : 'missed'} ${name}: ${measured} (${target})`,
    ),
    '',
  ].join('\n');
}

function packageTable({ name, hash, pixels, figures, uncertainty }: PackageEvaluation): string {
  const cell = (value: number): string => (Number.isFinite(value) ? value.toFixed(0) : '–').padStart(7);
  const line = ({
    title,
    photons,
    valid,
    meanLifetimeAmplitude: a,
    meanLifetimeIntensity: i,
  }: EstimatorFigures) =>
    [
      String(photons).padStart(7),
      `  ${title.padEnd(48)}`,
      ...[a.rmse, a.mae, a.bias].map(cell),
      '  ',
      ...[i.rmse, i.mae, i.bias].map(cell),
      `${(100 * valid).toFixed(1).padStart(8)} %`,
    ].join('');
  return [
    `${name} (${hash.slice(0, 16)}), ${pixels} pixels of its prior; ps`,
    `photons  ${''.padEnd(48)}tau_amp: RMSE, MAE, bias  tau_int: RMSE, MAE, bias     valid`,
    ...figures.map(line),
    '',
    'standard error of tau_amp, predicted and true (RMS over quarters of the pixels by estimated lifetime)',
    ...uncertainty.map(
      ({ photons, tauFromNs, tauToNs, predictedNs, trueNs, ratio }) =>
        `${String(photons).padStart(7)}  ${tauFromNs.toFixed(2)} to ${tauToNs.toFixed(2)} ns ` +
        `${cell(1000 * predictedNs)}${cell(1000 * trueNs)}   ratio ${ratio.toFixed(2)}`,
    ),
    '',
  ].join('\n');
}
