import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { calibrate, type Calibration, type CalibrationOptions } from '../calibration/calibrate.js';
import { commandLine, type InstrumentFile } from '../calibration/proposal.js';
import { FlimdError } from '../protocol/errors.js';
import { type RecordedDecay, readDecayFile } from '../recording/recorded-decay.js';
import { measuredIrf } from '../training/measured-irf.js';
import { parseNumber, parseWindow } from '../training/option-text.js';
import { calibrationTable } from './calibration-table.js';

interface CalibrateFlags {
  laserPeriodPs?: string;
  irf: string;
  window?: string;
  write?: string;
  json?: boolean;
}

const examples = `
A bright or uniform sample tells most: a dye of one lifetime, or the sum of a whole image. RECORDING is a Becker &
Hickl image (.sdt, .sdt.zip) or text with two columns, time_ps (start of the bin) and counts.

Examples:
  flimd model calibrate dye.sdt --laser-period-ps 12500
  flimd model calibrate decay.csv --laser-period-ps 12500 --irf response.csv --write instrument.json
  flimd model train --name mine --instrument instrument.json --tau-ns 0.3..4 --steps 60000
`;

/** Instants of a measured response in the fit: more than in the training, so that its position is not felt in steps. */
const FIT_NODES = 400;

/** `flimd model calibrate` */
export function modelCalibrateCommand(): Command {
  return new Command('calibrate')
    .description('estimate response, background and window of an instrument from a recording')
    .argument('<recording>', 'a decay, or an image whose summed decay is used')
    .option('--laser-period-ps <ps>', 'time between two pulses; estimated where the recording shows it')
    .option(
      '--irf <shape>',
      'gaussian, rectangle, better (of these two), or a file with the measured response, which is then only moved',
      'better',
    )
    .option('--window <bins>', 'bins to use, FIRST..END (default: those found usable)')
    .option('--write <file>', 'write the options for flimd model train --instrument')
    .option('--json', 'print the whole result as JSON, for programs')
    .addHelpText('after', examples)
    .action(run);
}

async function run(file: string, flags: CalibrateFlags): Promise<void> {
  const recording = await readDecayFile(file);
  const options: CalibrationOptions = {
    laserPeriodPs: periodOf(flags),
    response: await responseOf(flags.irf),
    window: windowOf(flags, recording),
  };
  const calibration = calibrate(recording, options);
  const irfFile = typeof options.response === 'string' ? null : flags.irf;
  if (flags.write !== undefined) await write(flags.write, await instrumentFile(calibration, irfFile));
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...calibration, command: commandLine(calibration.flags, irfFile) }, null, 2)}\n`
      : `${[...calibrationTable(calibration), '', commandLine(calibration.flags, irfFile)].join('\n')}\n`,
  );
}

function periodOf({ laserPeriodPs: text }: CalibrateFlags): number | null {
  if (text === undefined) return null;
  const periodPs = parseNumber('--laser-period-ps', text);
  if (periodPs >= 100 && periodPs <= 1e6) return periodPs;
  throw new FlimdError('FLIMD_E_CONFIG', `--laser-period-ps is ${periodPs}`, {
    value: periodPs,
    expected: '100 to 1000000',
    action: 'see flimd model calibrate --help',
  });
}

async function responseOf(text: string): Promise<CalibrationOptions['response']> {
  if (text === 'gaussian' || text === 'rectangle' || text === 'better') return text;
  return measuredIrf(await readDecayFile(text), FIT_NODES);
}

function windowOf({ window }: CalibrateFlags, { counts }: RecordedDecay): CalibrationOptions['window'] {
  if (window === undefined) return null;
  const [first, end] = parseWindow('--window', window, counts.length);
  return { first, end };
}

/** The response goes into the file as training takes it, so that the file stands for itself. */
async function instrumentFile(calibration: Calibration, irfFile: string | null): Promise<InstrumentFile> {
  return {
    format: 'flimd-instrument',
    version: 1,
    source: calibration.source,
    flags: calibration.flags,
    ...(irfFile === null ? {} : { measuredIrf: measuredIrf(await readDecayFile(irfFile)).shape }),
  };
}

async function write(file: string, instrument: InstrumentFile): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(instrument, null, 2)}\n`);
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      `cannot write ${file}: ${(cause as Error).message}`,
      { value: file, action: 'choose a file that can be written' },
      { cause },
    );
  }
}
