import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import type { ModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import type { TrainingOptions } from '../training/options.js';
import type { TrainPackageHooks } from '../training/train-package.js';
import { accuracyLines } from './model-show.js';

const examples = `
Examples:
  32 gates over a 12.5 ns period, a 200 ps response at 1.5 ns, 15 minutes:
    flimd model train --name mine --laser-period-ps 12500 --gates 32 --gate-width-ps 390.625 \\
      --irf gaussian:200 --irf-center-ps 1500 --irf-jitter-ps 60 --minutes 15
  a window that leaves bins out (bins of 48.828125 ps; 34 to 49 in fours, 62 to 229 in sixes):
    flimd model train --name mine --laser-period-ps 13157.895 --bin-width-ps 48.828125 \\
      --gates-spec 34..50/4,62..230/28 --irf gaussian:260 --irf-center-ps 2790 --irf-jitter-ps 100 --steps 60000
  go on after an interruption:
    flimd model train --resume --out models/mine
`;

interface TrainFlags {
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

/** `flimd model train` */
export function modelTrainCommand(): Command {
  return new Command('train')
    .description('train a network on synthetic decays of an instrument and write its package')
    .option('--name <name>', 'name of the package')
    .option('--description <text>', 'what it is for, in a sentence', '')
    .option('--out <dir>', 'where the package goes (default: models/<name>)')
    .option('--resume', 'go on from the checkpoint in --out, with the options it was begun with')
    .optionsGroup('Instrument:')
    .option('--laser-period-ps <ps>', 'time between two pulses')
    .option('--gates <n>', 'gates of equal width')
    .option('--gate-width-ps <ps>', "width of these gates; a multiple of the camera's bins")
    .option('--window-start-ps <ps>', 'start of the first of these gates, from the start of bin 0', '0')
    .option(
      '--gates-spec <runs>',
      'gates as runs of bins instead: FIRST..END/GATES[,…]; needs --bin-width-ps',
    )
    .option('--bin-width-ps <ps>', 'width of a detector bin, for --gates-spec')
    .option('--irf <shape>', 'instrument response: gaussian:FWHM or rectangle:WIDTH, ps', 'gaussian:200')
    .option('--irf-center-ps <ps>', 'its centre, from the start of bin 0', '1500')
    .option('--irf-jitter-ps <ps>', 'how far the centre may lie off', '60')
    .option('--irf-width-jitter <part>', 'how far the width may be off, as a part of it', '0.1')
    .optionsGroup('Sample:')
    .option('--background <range>', 'part of the photons that knows no pulse', '0..0.1')
    .option('--dark-photons <range>', 'photons of a pixel that know no pulse, however bright it is', '0')
    .option('--tau-ns <range>', 'lifetimes', '0.2..5')
    .option(
      '--species-ns <ranges>',
      'two lifetimes common to the sample, from a global fit: LOW..HIGH,LOW..HIGH',
    )
    .option('--species-share <part>', 'part of the decays that are of these two', '0.8')
    .addOption(
      new Option('--fraction <of>', 'what the fraction of a component is uniform in')
        .choices(['amplitude', 'photons'])
        .default('photons'),
    )
    .option('--mono <part>', 'part of the decays with one lifetime', '0.3')
    .option('--photons <range>', 'photons of a pixel in the gates, log-uniform', '20..5000')
    .optionsGroup('Training:')
    .option('--hidden <n>', 'units of the encoder', '32')
    .option('--head <n>', 'units of the head', '32')
    .option('--steps <n>', 'length in steps: the same seed gives the same network')
    .option('--minutes <n>', 'length in minutes instead')
    .option('--batch <n>', 'pixels a step', '512')
    .option('--learning-rate <rate>', 'peak of the schedule', '0.003')
    .option('--photon-weight <exponent>', "a pixel's squared error counts N to this power", '0.7')
    .option('--seed <n>', 'of weights and decays', '1')
    .option('--threads <n>', 'threads of the encoder', '2')
    .addHelpText('after', examples)
    .action(train);
}

async function train(flags: TrainFlags, command: Command): Promise<void> {
  // TF.js takes a second to load: only here.
  const { resumePackage, trainPackage } = await import('../training/train-package.js');
  if (flags.resume) refuseOtherFlags(command);
  const directory = flags.out ?? `models/${required('--name', flags.name)}`;
  const options = flags.resume ? null : await trainingOptions(flags);
  const { hooks, finish } = progressHooks();
  try {
    const made =
      options === null
        ? await resumePackage(directory, hooks)
        : await trainPackage(directory, options, hooks);
    process.stdout.write(made === null ? interrupted(directory) : summary(directory, made));
  } finally {
    finish();
  }
}

async function trainingOptions(flags: TrainFlags): Promise<TrainingOptions> {
  const { parseFractionOf, parseIrf, parseNumber, parseRange, parseRangeNs, parseSpecies } =
    await import('../training/option-text.js');
  const { photonFeatureRange } = await import('../training/options.js');
  const photons = parseRange('--photons', flags.photons);
  const numberOrNull = (option: string, text: string | undefined): number | null =>
    text === undefined ? null : parseNumber(option, text);
  return {
    name: required('--name', flags.name),
    description: flags.description,
    prior: {
      laserPeriodFs: Math.round(
        1000 * parseNumber('--laser-period-ps', required('--laser-period-ps', flags.laserPeriodPs)),
      ),
      gatesFs: await gatesOf(flags),
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
    },
    photons,
    photonFeature: photonFeatureRange(photons),
    photonWeightExponent: parseNumber('--photon-weight', flags.photonWeight),
    hidden: parseNumber('--hidden', flags.hidden),
    head: parseNumber('--head', flags.head),
    steps: numberOrNull('--steps', flags.steps),
    minutes: numberOrNull('--minutes', flags.minutes),
    batch: parseNumber('--batch', flags.batch),
    learningRate: parseNumber('--learning-rate', flags.learningRate),
    seed: parseNumber('--seed', flags.seed),
    threads: parseNumber('--threads', flags.threads),
  };
}

async function gatesOf(flags: TrainFlags): Promise<[number, number][]> {
  const { evenGates, parseGateSpec, parseNumber } = await import('../training/option-text.js');
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

function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new FlimdError('FLIMD_E_CONFIG', `${option} is missing`, { action: 'see flimd model train --help' });
}

function refuseOtherFlags(command: Command): void {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map((option) => option.long!)
    .filter((flag) => flag !== '--resume' && flag !== '--out');
  if (given.length === 0) return;
  throw new FlimdError(
    'FLIMD_E_CONFIG',
    `--resume takes its options from the checkpoint, not ${given.join(', ')}`,
    {
      value: given,
      action: 'leave them out, or train without --resume',
    },
  );
}

/** Resolution of the progress bar. */
const BAR_TICKS = 1000;

/** A progress bar, and an interrupt (Ctrl-C, SIGTERM) that ends the run with a checkpoint. */
function progressHooks(): { hooks: TrainPackageHooks; finish: () => void } {
  const bar = new SingleBar({
    format: 'training |{bar}| {percentage} % · step {step} · loss {loss} · {rate} steps/s · {left} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
  });
  const interrupt = new AbortController();
  const abort = (): void => interrupt.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const hooks: TrainPackageHooks = {
    signal: interrupt.signal,
    onProgress: ({ step, fractionDone, loss, stepsPerSecond, secondsLeft }) => {
      const figures = {
        step,
        loss: loss.toExponential(3),
        rate: stepsPerSecond.toFixed(0),
        left: `${Math.floor(secondsLeft / 60)} min ${Math.floor(secondsLeft % 60)} s`,
      };
      if (!bar.isActive) bar.start(BAR_TICKS, 0, figures);
      bar.update(Math.round(BAR_TICKS * fractionDone), figures);
    },
    onMeasuring: () => {
      bar.stop();
      process.stderr.write('measuring the integer network beside the Bayes limit …\n');
    },
  };
  const finish = (): void => {
    bar.stop();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  };
  return { hooks, finish };
}

function interrupted(directory: string): string {
  return `interrupted; go on with: flimd model train --resume --out ${directory}\n`;
}

function summary(directory: string, made: ModelPackage): string {
  return [`${made.name} (${made.hash.slice(0, 16)}) in ${directory}`, ...accuracyLines(made), ''].join('\n');
}
