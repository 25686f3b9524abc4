import path from 'node:path';
import { Command } from 'commander';
import { RestClient } from '../client/rest.js';
import { type Config, type ConfigOverride, loadConfig } from '../config/index.js';
import { FlimdError } from '../protocol/errors.js';
import type { RecordingProgress, RecordingSummary } from '../protocol/stream.js';
import type { LastRun } from '../run/run-ending.js';
import { recordOneRun, runFailure } from '../run/single-run.js';
import { createLog, type RecordingRequest } from '../server/index.js';
import { recordingProgress, type ProgressLine } from './recording-progress.js';
import { collect, parseSet } from './serve.js';

interface RecordFlags {
  camera?: string;
  url?: string;
  frames?: string;
  out?: string;
  histograms?: boolean;
  notes?: string;
  config?: string;
  lifetime?: string;
  model?: string;
  compression?: string;
  set: string[];
  json?: boolean;
}

export function recordCommand(): Command {
  return new Command('record')
    .description('record a series into an HDF5 file, with a camera of its own or in a running daemon')
    .option('--camera <uri>', 'camera: sim:[options], tcp:host:port, usb:[…] or pcie:[device]')
    .option('--url <url>', 'ask the daemon there instead, such as http://127.0.0.1:8650 (token: FLIMD_TOKEN)')
    .option('--frames <n>', 'end after so many frames (default: upon Ctrl-C, or with the series)')
    .option(
      '--out <file>',
      'file to write; with --url a name in the folder of the daemon (default: date and series, in recording.directory or here)',
    )
    .option('--histograms', 'record the decay of every pixel, too')
    .option('--notes <text>', 'written into the file')
    .option('--compression <level>', 'deflate level, 0 to 9 (default 0: none)')
    .option('--lifetime <mode>', 'who computes lifetimes: device, host or shadow')
    .option('--model <name>', 'model package: a name in models/ or a directory')
    .option('--config <file>', 'configuration file')
    .option('--set <key=value>', 'any other key of the configuration (repeatable)', collect, [])
    .option('--json', 'print the result as JSON, and failures too')
    .addHelpText(
      'after',
      `
Examples:
  flimd record --camera sim: --frames 100 --out cells.h5
  flimd record --camera tcp:127.0.0.1:9870 --histograms --notes 'drop 3' --out drop3.h5   until Ctrl-C
  flimd record --url http://127.0.0.1:8650 --frames 500 --out run7          a part of the series under way there
  flimd inspect cells.h5                                                    what is in it

Progress goes to standard error. Ctrl-C ends in order: the file is complete up to there.
Exit status: 0 recorded, 1 the camera, the disk or the daemon failed, 2 the command line is not valid.`,
    )
    .action(record);
}

async function record(flags: RecordFlags): Promise<void> {
  const interrupt = new AbortController();
  const abort = (): void => interrupt.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const request = requestOf(flags);
  const progress = recordingProgress(request.frames ?? null);
  try {
    await (flags.url ? recordThere : recordHere)(flags, request, progress, interrupt.signal);
  } finally {
    progress.stop();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}

function requestOf({ frames, out, histograms, notes, url }: RecordFlags): RecordingRequest {
  const number = Number(frames);
  if (frames !== undefined && !(Number.isInteger(number) && number >= 1)) {
    throw new FlimdError('FLIMD_E_CONFIG', '--frames is not understood', {
      value: frames,
      expected: 'a whole number, 1 or more',
    });
  }
  return {
    ...(out !== undefined && { name: url ? out : path.basename(out) }),
    ...(notes !== undefined && { notes }),
    ...(histograms && { histograms }),
    ...(frames !== undefined && { frames: number }),
  };
}

/** With a camera of its own: the camera takes the frames asked for, and those that are lost are told. */
async function recordHere(
  flags: RecordFlags,
  { frames, ...request }: RecordingRequest,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<void> {
  const config = configOf(flags);
  const hooks = { signal, onProgress: (now: RecordingProgress) => progress.show(now) };
  const run = await recordOneRun(config, request, createLog(config.log), hooks);
  progress.stop(run.recording);
  const { recording } = run;
  if (!recording) throw new FlimdError('FLIMD_E_INTERNAL', 'the run was not recorded');
  const file = path.resolve(
    config.recording.directory!,
    recording.complete ? recording.name : `${recording.name}.partial`,
  );
  print(flags, {
    file,
    ...recording,
    reason: run.reason,
    counters: run.counters,
    conservation: run.conservation,
  });
  const failure = runFailure(run);
  if (failure) throw failure;
}

/** Without `--out` and a configured folder the file goes where the command is run. */
function configOf(flags: RecordFlags): Config {
  const config = loadConfig({ file: flags.config, overrides: overridesOf(flags), env: process.env });
  const directory = config.recording.directory ?? process.cwd();
  return { ...config, recording: { ...config.recording, directory } };
}

function overridesOf(flags: RecordFlags): ConfigOverride[] {
  const given: [string, unknown, string][] = [
    ['camera', flags.camera, '--camera'],
    ['acquisition.frameLimit', flags.frames, '--frames'],
    ['recording.directory', flags.out && path.dirname(path.resolve(flags.out)), '--out'],
    ['recording.compression', flags.compression, '--compression'],
    ['lifetime.mode', flags.lifetime, '--lifetime'],
    ['lifetime.model', flags.model, '--model'],
    // A progress line and a log do not go together.
    ['log.level', 'error', 'flimd record'],
  ];
  return [
    ...given.filter(([, value]) => value !== undefined).map(([key, value, from]) => ({ key, value, from })),
    ...flags.set.map(parseSet),
  ];
}

const LOOK_MS = 200;
const REQUEST_TIMEOUT_MS = 60_000;

/** In a daemon, which has a camera and a folder. */
async function recordThere(
  flags: RecordFlags,
  request: RecordingRequest,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<void> {
  const local = (['camera', 'compression', 'lifetime', 'model', 'config'] as const).find(
    (name) => flags[name],
  );
  if (local || flags.set.length > 0) {
    throw new FlimdError('FLIMD_E_CONFIG', `--${local ?? 'set'} does not go with --url`, {
      expected: '--frames, --out, --histograms and --notes: the rest is the daemon’s',
      action: 'configure the daemon',
    });
  }
  const daemon = new RestClient({
    url: flags.url!,
    token: process.env.FLIMD_TOKEN,
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  const before = (await daemon.recording()).last;
  await daemon.startRecording(request);
  const summary = await untilRecorded(daemon, before, progress, signal);
  progress.stop(summary);
  if (!summary) return print(flags, null);
  const { directory } = await daemon.recording();
  print(flags, { file: `${directory}/${summary.name}${summary.complete ? '' : '.partial'}`, ...summary });
  if (!summary.error) return;
  const { code, message, ...details } = summary.error;
  throw new FlimdError(code, message, details);
}

/** null where it was interrupted before a series began. */
async function untilRecorded(
  daemon: RestClient,
  before: RecordingSummary | null,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<RecordingSummary | null> {
  for (;;) {
    const { current, next, last } = signal.aborted ? await stopped(daemon) : await daemon.recording();
    if (current) progress.show(current);
    if (!current && !next) return last?.name === before?.name ? null : last;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** It may have ended by itself just now. */
const stopped = (daemon: RestClient) => daemon.stopRecording().catch(() => daemon.recording());

interface Recorded extends RecordingSummary, Partial<Pick<LastRun, 'reason' | 'counters' | 'conservation'>> {
  file: string;
}

function print({ json }: RecordFlags, result: Recorded | null): void {
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(result ? describe(result) : 'nothing was recorded\n');
}

function describe({ file, framesRecorded, framesDroppedByRecorder, bytes }: Recorded): string {
  const lost =
    framesDroppedByRecorder > 0 ? `, ${framesDroppedByRecorder} frames dropped by the recorder` : '';
  return `${file}: ${framesRecorded} frames, ${(bytes / 1e6).toFixed(1)} MB${lost}\n`;
}
