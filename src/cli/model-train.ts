import { Command, Option } from 'commander';
import { FlimdError } from '../protocol/errors.js';
import { required } from '../training/option-text.js';
import type { TrainingOptions } from '../training/options.js';
import type { Made } from '../training/train-package.js';
import { accuracyLines } from './model-show.js';
import { readInstrument, withInstrument } from './instrument-file.js';
import {
  DEFAULT_CENTER_PS,
  DEFAULT_IRF,
  DEFAULT_WIDTH_JITTER,
  type TrainFlags,
  trainingOptions,
} from './training-flags.js';
import { progressHooks } from './training-progress.js';

const examples = `
Examples:
  32 gates over a 12.5 ns period, a 200 ps response at 1.5 ns, 15 minutes:
    flimd model train --name mine --laser-period-ps 12500 --gates 32 --gate-width-ps 390.625 \\
      --irf gaussian:200 --irf-center-ps 1500 --irf-jitter-ps 60 --minutes 15
  a window that leaves bins out (bins of 48.828125 ps; 34 to 49 in fours, 62 to 229 in sixes):
    flimd model train --name mine --laser-period-ps 13157.895 --bin-width-ps 48.828125 \\
      --gates-spec 34..50/4,62..230/28 --irf gaussian:260 --irf-center-ps 2790 --irf-jitter-ps 100 --steps 60000
  bins of 200 ps that do not divide the period: 62 of them as 31 gates, a response 1.6 ns wide:
    flimd model train --name mine --laser-period-ps 12500 --bins 64 --bin-width-ps 200 --window 0..62 --gates 31 \\
      --irf rectangle:1600 --irf-center-ps 2000 --background 0.15..0.3 --photons 50..2000 --minutes 15
  a measured response, in the time of the detector:
    flimd model train --name mine --laser-period-ps 12500 --bins 256 --bin-width-ps 48.828125 --gates 32 \\
      --irf response.csv --irf-jitter-ps 30 --minutes 15
  what a recording tells of the instrument:
    flimd model calibrate dye.sdt --laser-period-ps 12500 --write instrument.json
    flimd model train --name mine --instrument instrument.json --minutes 15
  teacher, distilled student, the same in 8 bit (give each the options of the instrument as well):
    flimd model train --name teacher --hidden 256 --head 128 --decoder --bits float --batch 256 \\
      --learning-rate 0.001 --steps 5000 --out stages/teacher …
    flimd model train --name student --decoder --bits float --teacher stages/teacher/checkpoint.json \\
      --steps 10000 --out stages/student …
    flimd model train --name mine --decoder --init stages/student/checkpoint.json \\
      --learning-rate 0.001 --steps 4000 …
  go on after an interruption:
    flimd model train --resume --out models/mine
`;

/** `flimd model train` */
export function modelTrainCommand(): Command {
  return new Command('train')
    .description('train a network on synthetic decays of an instrument and write its package')
    .option('--name <name>', 'name of the package')
    .option('--description <text>', 'what it is for, in a sentence', '')
    .option('--out <dir>', 'where the package goes (default: models/<name>)')
    .option('--resume', 'go on from the checkpoint in --out, with the options it was begun with')
    .optionsGroup('Instrument:')
    .option(
      '--instrument <file>',
      'read the options of this group from what flimd model calibrate --write wrote; options given here win',
    )
    .option('--laser-period-ps <ps>', 'time between two pulses')
    .option('--bins <n>', 'bins of the detector')
    .option('--bin-width-ps <ps>', 'width of a bin')
    .option('--window <bins>', 'bins to use, FIRST..END, END not included (default: all)')
    .option(
      '--gates <n>',
      'gates of whole bins side by side over the window; where the bins do not divide evenly some get one bin more',
    )
    .option('--gate-width-ps <ps>', 'gates of this width instead, without --bins and --window')
    .option('--window-start-ps <ps>', 'start of the first of these (default: 0, the start of bin 0)')
    .option('--gates-spec <runs>', 'or gates as runs of bins: FIRST..END/GATES[,…]; needs --bin-width-ps')
    .option(
      '--irf <shape>',
      'instrument response: gaussian:FWHM or rectangle:WIDTH in ps, or a file with a measured one: text of two ' +
        `columns, time_ps and counts, or .sdt (default: ${DEFAULT_IRF})`,
    )
    .option(
      '--irf-center-ps <ps>',
      'its centre, from the start of bin 0; of a measured one, the centre of its main peak above half height ' +
        `(default: where it was measured, or ${DEFAULT_CENTER_PS})`,
    )
    .option('--irf-jitter-ps <ps>', 'how far the centre may lie off', '60')
    .option(
      '--irf-width-jitter <part>',
      `how far the width may be off, as a part of it (default: ${DEFAULT_WIDTH_JITTER}; of a measured one 0)`,
    )
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
    .optionsGroup('Network and stage:')
    .option('--hidden <n>', 'units of the encoder', '32')
    .option('--head <n>', 'units of the head', '32')
    .addOption(
      new Option(
        '--bits <bits>',
        'of the weights in the forward pass: quantization-aware training, or float, which leaves a checkpoint ' +
          'for --teacher, --init and flimd model package instead of a package',
      )
        .choices(['float', '8', '4'])
        .default('8'),
    )
    .option('--decoder', 'learn the deconvolved decay too, by a decoder of the same size')
    .option('--init <checkpoint>', 'begin with the weights of another training')
    .option(
      '--teacher <checkpoint>',
      'learn from the answers of a float network with a decoder (distillation)',
    )
    .option(
      '--distill-outputs <part>',
      'how much the teacher counts for the outputs: 0 the truth, 1 the teacher',
      '0.95',
    )
    .option('--distill-sequence <part>', 'the same for the decoded decay', '0.95')
    .option('--distill-batches <n>', 'batches the teacher answers, gone through again and again', '2000')
    .option('--sequence-weight <weight>', 'of the decoded decay in the loss', '0.2')
    .option('--parameter-weight <weight>', 'of tau1, tau2 and fraction in the loss', '0.05')
    .optionsGroup('Training:')
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
  if (flags.resume) refuseOtherFlags(command);
  const directory = flags.out ?? `models/${required('--name', flags.name)}`;
  const options = flags.resume ? null : await optionsOf(flags, command);
  // TF.js takes a second to load: only here.
  const { resumePackage, trainPackage } = await import('../training/train-package.js');
  const { hooks, finish } = progressHooks();
  try {
    const made = options
      ? await trainPackage(directory, options, hooks, await filesOf(flags))
      : await resumePackage(directory, hooks);
    if (made === null) process.exitCode = 1;
    process.stdout.write(made === null ? interrupted(directory) : summary(directory, made));
  } finally {
    finish();
  }
}

async function filesOf({ teacher, init }: TrainFlags) {
  const { readCheckpoint } = await import('../training/checkpoint.js');
  return { teacher: teacher ?? null, initial: init === undefined ? null : await readCheckpoint(init) };
}

async function optionsOf(flags: TrainFlags, command: Command): Promise<TrainingOptions> {
  if (flags.instrument === undefined) return trainingOptions(flags, null);
  const instrument = await readInstrument(flags.instrument);
  return trainingOptions(withInstrument(flags, instrument, givenOptions(command)), instrument);
}

/** Options that stand on the command line, by their attribute. */
function givenOptions(command: Command): string[] {
  return command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli');
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

function interrupted(directory: string): string {
  return `interrupted; go on with: flimd model train --resume --out ${directory}\n`;
}

function summary(directory: string, made: Made): string {
  if ('checkpoint' in made) return `trained in float; the checkpoint is ${made.checkpoint}\n`;
  const { name, hash } = made.package;
  return [`${name} (${hash.slice(0, 16)}) in ${directory}`, ...accuracyLines(made.package), ''].join('\n');
}
