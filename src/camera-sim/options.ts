import { FlimdError } from '../protocol/index.js';
import { type FaultProbabilities, noFaults } from './faults.js';

export type SimOutputs = 'lifetimes' | 'histograms' | 'both';
/** What stands for the FPGA. */
export type SimCore = 'native' | 'hls' | 'rtl';

/** Settings of the virtual camera, from a `sim:` address or the flags of `flimd sim`. */
export interface SimOptions {
  width: number;
  height: number;
  bins: number;
  /** null: the bins divide the laser period. */
  binWidthPs: number | null;
  /** null: 12500 for the built-in scene; a recording does not know it, so there it must be given. */
  laserPeriodPs: number | null;
  fps: number;
  /** null: 500 for the built-in scene, the whole recording in every frame for a file. */
  photons: number | null;
  background: number;
  darkCounts: number;
  irfFwhmPs: number;
  irfCentrePs: number;
  seed: number;
  file: string | null;
  outputs: SimOutputs;
  /** Whether a device with a network can send the standard errors of its lifetimes. */
  standardErrors: boolean;
  /** null: the package among those that come with flimd that fits, or none. */
  model: string | null;
  core: SimCore;
  cacheFrames: number;
  linkLimitBytes: number;
  faults: FaultProbabilities;
  stallMs: number;
}

interface OptionEntry<K extends keyof SimOptions> {
  readonly key: K;
  readonly default: SimOptions[K];
  readonly parse: (key: string, text: string) => SimOptions[K];
  readonly meaning: string;
}

const reject = (key: string, value: unknown, expected: string): never => {
  throw new FlimdError('FLIMD_E_CONFIG', `virtual camera: ${key} is not valid`, {
    value,
    expected,
    action: 'see docs/virtual-camera.md for the options and their ranges',
  });
};

const numeric =
  (what: string, least: number, most: number, accept: (value: number) => boolean) =>
  (key: string, text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    const valid = value >= least && value <= most && accept(value);
    return valid ? value : reject(key, text, `a ${what}, ${least} to ${most}`);
  };

const number = (least: number, most: number) => numeric('number', least, most, () => true);
const integer = (least: number, most: number) => numeric('whole number', least, most, Number.isInteger);

const path = (key: string, text: string): string => (text === '' ? reject(key, text, 'a path') : text);

function parseOutputs(key: string, text: string): SimOutputs {
  if (text === 'lifetimes' || text === 'histograms' || text === 'both') return text;
  return reject(key, text, 'lifetimes, histograms or both');
}

function parseCore(key: string, text: string): SimCore {
  if (text === 'native' || text === 'hls' || text === 'rtl') return text;
  return reject(key, text, 'native, hls or rtl');
}

function parseFlag(key: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return reject(key, text, 'true or false');
}

/** `drop:0.01,garbage:0.005` */
function parseFaults(key: string, text: string): FaultProbabilities {
  const faults = { ...noFaults };
  for (const part of text.split(',').filter((entry) => entry !== '')) {
    const [name, probability] = part.split(':', 2) as [string, string?];
    if (!Object.hasOwn(noFaults, name)) reject(key, name, `one of ${Object.keys(noFaults).join(', ')}`);
    faults[name as keyof FaultProbabilities] = number(0, 1)(`${key} ${name}`, probability ?? '');
  }
  const { drop, corrupt, truncate, duplicate, reorder } = faults;
  if (drop + corrupt + truncate + duplicate + reorder > 1) {
    reject(key, text, 'drop, corrupt, truncate, duplicate and reorder together at most 1');
  }
  return faults;
}

const option = <K extends keyof SimOptions>(
  key: K,
  fallback: SimOptions[K],
  parse: OptionEntry<K>['parse'],
  meaning: string,
): OptionEntry<K> => ({ key, default: fallback, parse, meaning });

/** Every option, its default, its range and what it means; docs/virtual-camera.md shows this table. */
export const simOptionTable: readonly OptionEntry<keyof SimOptions>[] = [
  option('width', 128, integer(8, 512), 'pixels per row; a recording brings its own'),
  option('height', 128, integer(8, 512), 'rows; a recording brings its own'),
  option('bins', 64, integer(4, 4096), 'detector time bins; a recording brings its own'),
  option(
    'binWidthPs',
    null,
    number(1, 100_000),
    'width of a bin, ps: laserPeriodPs / bins, unless given; a recording brings its own',
  ),
  option(
    'laserPeriodPs',
    null,
    number(100, 1_000_000),
    'time between laser pulses, ps: 12500 for the built-in scene; an SDT recording does not hold it, so there it must be given',
  ),
  option(
    'fps',
    10,
    number(0, 10_000),
    'frames per second until the host sets a frame period; 0 = as fast as the link takes them',
  ),
  option(
    'photons',
    null,
    number(0.01, 60_000),
    'mean photons per pixel and frame, in cells (built-in scene: 500) or over the whole image (recording: all of it in every frame)',
  ),
  option(
    'background',
    0.02,
    number(0, 0.9),
    'share of the photons that comes at any time (stray light); built-in scene',
  ),
  option('darkCounts', 0.1, number(0, 1000), 'mean dark counts per pixel and frame; built-in scene'),
  option('irfFwhmPs', 200, number(1, 5_000), 'width of the instrument response, ps; built-in scene'),
  option(
    'irfCentrePs',
    1500,
    number(0, 1_000_000),
    'position of the instrument response in the window, ps; built-in scene',
  ),
  option('seed', 1, integer(0, 0xffff_ffff), 'of the scene, the photons and the faults'),
  option(
    'file',
    null,
    path,
    'recording to replay (Becker & Hickl SDT, also zipped, or HDF5 of flimd with histograms) in place of the built-in scene',
  ),
  option(
    'outputs',
    'both',
    parseOutputs,
    'what the device can send: lifetimes, histograms or both; lifetimes need a model, histograms leave it out',
  ),
  option(
    'standardErrors',
    true,
    parseFlag,
    'true or false: whether it can send the standard errors of its lifetimes along with them',
  ),
  option(
    'model',
    null,
    path,
    'model package that its “FPGA” runs, a folder or a name in models/; default: the one there that fits, or none',
  ),
  option(
    'core',
    'native',
    parseCore,
    'what its “FPGA” is: native = the fast kernel of the host, hls = the lifetime core of the bitstream compiled for the host, rtl = that core in the bitstream’s Verilog, clock by clock (needs `npm run build:rtl`); the same bits',
  ),
  option(
    'cacheFrames',
    0,
    integer(0, 256),
    'renders this many frames once and repeats them: for benchmarks of everything behind the camera',
  ),
  option(
    'linkLimitBytes',
    16 * 1024 * 1024,
    integer(1024, 1 << 30),
    'bytes on their way to the host at which the link counts as full',
  ),
  option(
    'faults',
    noFaults,
    parseFaults,
    'probability per packet: drop, corrupt, truncate, duplicate, reorder, garbage, stall, disconnect',
  ),
  option('stallMs', 500, integer(1, 60_000), 'how long a stall lasts, ms'),
] as readonly OptionEntry<keyof SimOptions>[];

export function defaultSimOptions(): SimOptions {
  return Object.fromEntries(
    simOptionTable.map((entry) => [entry.key, entry.default]),
  ) as unknown as SimOptions;
}

/** Options from their texts, as in `sim:width=64&fps=20`; FLIMD_E_CONFIG for a wrong name or value. */
export function parseSimOptions(texts: Readonly<Record<string, string>>): SimOptions {
  const options = defaultSimOptions() as unknown as Record<string, unknown>;
  for (const [key, text] of Object.entries(texts)) {
    const entry = simOptionTable.find((candidate) => candidate.key === key);
    if (!entry) return reject(key, text, `one of ${simOptionTable.map((each) => each.key).join(', ')}`);
    options[key] = entry.parse(key, text);
  }
  return options as unknown as SimOptions;
}
