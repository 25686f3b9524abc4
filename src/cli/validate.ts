import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { Acquisition } from '../acquisition/acquisition.js';
import { FlimdError } from '../protocol/errors.js';
import { openCamera } from '../run/camera-connection.js';
import {
  type Check,
  checks,
  defaultValidationOptions,
  reportPage,
  resultLines,
  subjectLines,
  validateCamera,
  type ValidationReport,
  verdictLine,
} from '../validation/index.js';

interface ValidateFlags {
  camera?: string;
  model?: string;
  frames: number;
  seed: number;
  only?: string[];
  report?: string;
  json?: boolean;
}

const { frames, seed } = defaultValidationOptions;
const MOST_FRAMES = 1_000_000;
const U32 = 0xffff_ffff;
const EXIT_FAILED = 1;
/** As shells have it for a program that an interrupt has ended. */
const EXIT_INTERRUPTED = 130;

export function validateCommand(): Command {
  return new Command('validate')
    .description('prove a camera, a new bitstream or board, against the host: hardware in the loop')
    .option('--camera <uri>', 'camera: pcie:[…], usb:[…], tcp:host:port or sim:[options]')
    .option('--model <name>', 'package of the network in the bitstream: a name in models/ or a directory')
    .option('--frames <n>', `frames of the series that are compared`, wholeUpTo(1, MOST_FRAMES), frames)
    .option('--seed <n>', `of the injected frames`, wholeUpTo(0, U32), seed)
    .addOption(
      new Option('--only <name...>', 'make only these checks').choices(checks.map(({ name }) => name)),
    )
    .option('--report <file>', 'write the same as a page to file (Markdown)')
    .option('--json', 'print the report as JSON (docs/validation.md), and failures too')
    .addHelpText(
      'after',
      `
Checks:
${checks.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

Examples:
  flimd validate --camera pcie:                      everything, with histograms injected through XDMA
  flimd validate --camera usb: --model my-model --frames 256 --seed 7 --json
  flimd validate --camera pcie: --report kc705.md    a page to file
  flimd validate --camera tcp:127.0.0.1:9870 --only registers run-control
  flimd validate --camera 'sim:core=hls'             the lifetime core of the bitstream, without a board

No daemon may have the camera. It is left idle, with the configuration that it had. Exit status: 0 all checks passed
or were skipped, 1 one failed, 2 the command line is not valid, 130 interrupted. See docs/validation.md.`,
    )
    .action(validate);
}

const wholeUpTo = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new FlimdError('FLIMD_E_CONFIG', 'a number on the command line is not valid', {
    value: text,
    expected: `a whole number, ${least} to ${most}`,
    action: 'see flimd validate --help',
  });
};

async function validate(flags: ValidateFlags): Promise<void> {
  if (flags.camera === undefined) throw noCamera();
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT_INTERRUPTED);
    process.stderr.write('interrupted: bringing the camera to idle …\n');
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const acquisition = await Acquisition.start({ poolSlots: 16 });
  try {
    const report = await withCamera(flags.camera, flags, acquisition, interrupt.signal);
    if (flags.report) await writeFile(flags.report, reportPage(report));
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `\n${verdictLine(report)}`);
    if (report.verdict === 'failed') process.exitCode = EXIT_FAILED;
    if (report.verdict === 'interrupted') process.exitCode = EXIT_INTERRUPTED;
  } finally {
    await acquisition.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** No default: what is proven is said. */
function noCamera(): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', 'no camera is named', {
    expected: '--camera URI',
    action: '`flimd devices` lists what is there; --camera sim: is the virtual camera',
  });
}

async function withCamera(
  uri: string,
  { model, frames, seed, only, json }: ValidateFlags,
  acquisition: Acquisition,
  signal: AbortSignal,
): Promise<ValidationReport> {
  const { camera, close } = await openCamera(uri, acquisition);
  const progress = new Progress(process.stderr);
  try {
    if (!json) process.stdout.write(`${subjectLines(camera.description)}\n`);
    return await validateCamera({
      ...{ camera, acquisition, model, only, signal, options: { frames, seed } },
      onBegin: (check) => progress.begun(check),
      onProgress: (check, done, of) => progress.moved(check, done, of),
      onResult: (result) => {
        progress.over();
        if (!json) process.stdout.write(resultLines(result));
      },
    });
  } finally {
    await close();
  }
}

/** A line a check; on a terminal one line that says how far it is, and gives way to the result. */
class Progress {
  constructor(private readonly stream: NodeJS.WriteStream) {}

  begun({ name, about }: Check): void {
    this.stream.write(`${this.#fresh}${name}: ${about} …${this.stream.isTTY ? '' : '\n'}`);
  }

  moved({ name }: Check, done: number, of: number): void {
    if (this.stream.isTTY) this.stream.write(`${this.#fresh}${name}: ${done} of ${of} frames`);
  }

  over(): void {
    this.stream.write(this.#fresh);
  }

  get #fresh(): string {
    return this.stream.isTTY ? '\r\x1b[2K' : '';
  }
}
