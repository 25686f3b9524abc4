import { setImmediate } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import {
  type ExportOptions,
  exportRecording,
  type ExportResult,
  type FormatName,
  formats,
} from '../export/export.js';
import type { FormatOptions } from '../export/export-format.js';
import type { FrameRange } from '../export/frame-selection.js';
import type { Progress } from '../export/measurement.js';
import { FlimdError } from '../protocol/errors.js';

const examples = `
FILE is a recording of flimd (.h5, also unfinished: .h5.partial) or an image of Becker & Hickl (.sdt, .sdt.zip).
Units, axes and what each format holds: docs/export.md.

Examples:
  flimd export run.h5                                 maps as OME-TIFF: run.ome.tif
  flimd export run.h5 --histograms --compress         and the decays: run.decays.ome.tif
  flimd export run.h5 --format csv                    a row a frame: median and quartiles of the lifetimes
  flimd export run.h5 --format csv --pixels           a row a pixel, mean over all frames
  flimd export run.h5 --format npz --frames 100:200   arrays, and a JSON file that says what they are
  flimd export run.h5 --sum --histograms --out sums/  all frames as one, in a folder that is there
  flimd export cells.sdt.zip --format pqbin           histograms for programs that read PicoQuant's .bin
`;

interface ExportFlags {
  format: string;
  histograms?: boolean;
  pixels?: boolean;
  compress?: boolean;
  pixelUm?: string;
  frames?: string;
  sum?: boolean;
  channel?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

/** `flimd export` */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a recording in a format that other programs read')
    .argument('<file>', 'recording')
    .option('--format <name>', Object.keys(formats).join(', '), 'ome-tiff')
    .option('--histograms', 'the decays too (ome-tiff, npy, npz)')
    .option('--pixels', 'a row for each pixel of the mean frame (csv)')
    .option(
      '--frames <A:B>',
      'frames A up to, not including, B, counted from 0 in the file; either may be left out',
    )
    .option('--sum', 'all these frames as one: sums of histograms, photon-weighted means of lifetimes')
    .option('--compress', 'deflate (ome-tiff, npz)')
    .option('--pixel-um <µm>', 'side of a pixel in the sample, which no recording holds (ome-tiff, pqbin)')
    .option('--channel <n>', 'image of an SDT file that holds several, from 0')
    .option('--out <path>', 'name of the file, or a folder (default: beside the recording)')
    .option('--force', 'overwrite what is there')
    .option('--json', 'print what was written as JSON, and failures too')
    .addHelpText('after', examples)
    .action(run);
}

async function run(file: string, flags: ExportFlags): Promise<void> {
  const options = optionsOf(flags);
  const { progress, finish } = progressBar();
  const result = await exportRecording(file, options, progress).then(
    (exported) => (finish(true), exported),
    (error: unknown) => {
      finish(false);
      throw error;
    },
  );
  for (const warning of result.warnings) process.stderr.write(`flimd: warning: ${warning}\n`);
  process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : inWords(result));
}

function inWords({ files, frames, summed, width, height }: ExportResult): string {
  const from = `${frames} frame${frames === 1 ? '' : 's'} of ${width} × ${height} pixels${summed ? ', as one' : ''}`;
  return [from, ...files.map(({ path, bytes }) => `${path}  ${bytes} bytes`), ''].join('\n');
}

function optionsOf(flags: ExportFlags): ExportOptions {
  const { format } = flags;
  if (!Object.hasOwn(formats, format)) throw wrong('--format', format, Object.keys(formats).join(', '));
  const options: FormatOptions = {
    histograms: flags.histograms ?? false,
    pixels: flags.pixels ?? false,
    compress: flags.compress ?? false,
    pixelUm: flags.pixelUm === undefined ? null : pixelUm(flags.pixelUm),
  };
  checkTaken(format as FormatName, options);
  return {
    ...options,
    format: format as FormatName,
    frames: rangeOf(flags.frames),
    sum: flags.sum ?? false,
    channel: flags.channel === undefined ? null : whole('--channel', flags.channel),
    out: flags.out ?? null,
    overwrite: flags.force ?? false,
  };
}

const flagOf: Record<keyof FormatOptions, string> = {
  histograms: '--histograms',
  pixels: '--pixels',
  compress: '--compress',
  pixelUm: '--pixel-um',
};

/** A flag that would do nothing is a mistake. */
function checkTaken(format: FormatName, options: FormatOptions): void {
  const { takes } = formats[format] as { takes: readonly (keyof FormatOptions)[] };
  for (const key of Object.keys(flagOf) as (keyof FormatOptions)[]) {
    if (!options[key] || takes.includes(key)) continue;
    const expected = takes.map((each) => flagOf[each]).join(', ');
    throw wrong(flagOf[key], `with --format ${format}`, `only ${expected} with this format`);
  }
}

function rangeOf(text: string | undefined): FrameRange {
  if (text === undefined) return { from: null, end: null };
  const [, from, end] = /^(\d*):(\d*)$/.exec(text) ?? [];
  if (from === undefined || end === undefined) throw wrong('--frames', text, 'A:B, A: or :B');
  const bound = (digits: string): number | null => (digits === '' ? null : Number(digits));
  return { from: bound(from), end: bound(end) };
}

function pixelUm(text: string): number {
  const value = Number(text);
  if (value >= 0.001 && value <= 1000) return value;
  throw wrong('--pixel-um', text, 'micrometres, 0.001 to 1000');
}

function whole(flag: string, text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw wrong(flag, text, 'a whole number from 0');
}

function wrong(flag: string, value: string, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', `${flag} is not valid`, {
    value,
    expected,
    action: 'see flimd export --help',
  });
}

/** A bar on standard error; an interrupt (Ctrl-C, SIGTERM) ends the export, and nothing is left of it. */
function progressBar(): { progress: Progress; finish: (whole: boolean) => void } {
  const bar = new SingleBar({
    format: 'export |{bar}| {percentage} % · {stage}',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
  });
  let interrupted = false;
  const interrupt = (): void => void (interrupted = true);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let current = '';
  const progress: Progress = async (stage, done, total) => {
    if (stage !== current) {
      bar.update(bar.getTotal());
      bar.stop();
      bar.start(total, done, { stage });
      current = stage;
    } else bar.update(done, { stage });
    await setImmediate();
    if (interrupted) {
      throw new FlimdError('FLIMD_E_EXPORT_INTERRUPTED', 'the export was interrupted; nothing of it is left');
    }
  };
  const finish = (whole: boolean): void => {
    if (whole) bar.update(bar.getTotal());
    bar.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  };
  return { progress, finish };
}
