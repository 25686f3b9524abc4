import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import {
  checkParallelism,
  coreHeader,
  type CoreParallelism,
  defaultParallelism,
} from '../fpga/core-header.js';
import { coreImage, fittingCore, SHIPPED_CORE } from '../fpga/core-image.js';
import { type GatePlan, planGates } from '../lifetime/gate-plan.js';
import { loadModelPackage, type ModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import { FS_PER_PS } from '../protocol/units.js';
import { parseNumber, required } from '../training/option-text.js';

const details = `
Writes model.h, the numbers of the model as constants of a core of its own, and model.image, the words that a core with
weights at run time loads (32 bit, little-endian; hls/README.md has their order).

Bins divide the laser period, unless --bin-width-ps is given.

Examples:
  flimd model hls models/cells-12.5ns-32 --bins 64 --out core
  flimd model hls models/cells-12.5ns-32 --bins 64 --lanes 1 --unroll 8 --turns 1 --out hls/generated/cells-12.5ns-32
`;

interface HlsFlags {
  bins?: string;
  binWidthPs?: string;
  lanes?: string;
  unroll?: string;
  turns?: string;
  out?: string;
  json?: boolean;
}

/** `flimd model hls` */
export function modelHlsCommand(): Command {
  return new Command('hls')
    .description(
      'write the constants of an HLS core from a model package, and the image for one that loads it',
    )
    .argument('<dir>', 'directory of the package')
    .option('--bins <n>', 'time bins of the detector')
    .option('--bin-width-ps <ps>', 'width of a bin (default: the laser period over the bins)')
    .option('--lanes <n>', 'pixels in parallel (default: 4)')
    .option('--unroll <n>', 'multiply-accumulates per row, lane and cycle (default: all units)')
    .option('--turns <n>', 'pixels that take turns in a lane (default: as many as fill the pipeline)')
    .option('--out <dir>', 'where the files go')
    .option('--json', 'what was written, for programs')
    .addHelpText('after', details)
    .action(writeCore);
}

async function writeCore(directory: string, flags: HlsFlags): Promise<void> {
  const out = required('--out', flags.out);
  const model = await loadModelPackage(directory);
  const plan = planOf(model, flags);
  const parallelism = parallelismOf(model, flags);
  const image = coreImage(model.network, plan, model.hash);
  try {
    await mkdir(out, { recursive: true });
    await writeFile(path.join(out, 'model.h'), coreHeader(model, plan, parallelism));
    await writeFile(path.join(out, 'model.image'), imageBytes(image));
  } catch (error) {
    throw cannotWrite(out, error as Error);
  }
  const core = {
    bins: plan.bins,
    ...parallelism,
    imageWords: image.length,
    imageCore: { ...fittingCore(model.network), gates: model.network.gates, bins: plan.bins },
  };
  const words =
    `${model.name} (${model.hash.slice(0, 16)}) on ${plan.bins} bins: model.h for ${parallelism.lanes} lanes, unroll ` +
    `${parallelism.unroll}, ${parallelism.turns} turns; model.image, ${image.length} words, for a core of ` +
    `at least ${core.imageCore.hidden} units, ${core.imageCore.gates} gates and ${plan.bins} bins${sizeNote(core.imageCore)}; in ${out}`;
  process.stdout.write(
    `${flags.json ? JSON.stringify({ name: model.name, hash: model.hash, out, ...core }) : words}\n`,
  );
}

/** A core answers with zeros to an image that it has no room for. */
function sizeNote(wanted: Record<keyof typeof SHIPPED_CORE, number>): string {
  const names = Object.keys(SHIPPED_CORE) as (keyof typeof SHIPPED_CORE)[];
  const fits = names.every((name) => wanted[name] <= SHIPPED_CORE[name]);
  return fits ? '' : ' (more than hls/vendor/loadable_size.h has: enlarge it there)';
}

function planOf({ timing }: ModelPackage, flags: HlsFlags): GatePlan {
  const bins = wholeBins(required('--bins', flags.bins));
  const laserPeriodPs = timing.laserPeriodFs / FS_PER_PS;
  const binWidthPs =
    flags.binWidthPs === undefined ? laserPeriodPs / bins : width('--bin-width-ps', flags.binWidthPs);
  return planGates(timing, { bins, binWidthPs, laserPeriodPs });
}

function width(option: string, text: string): number {
  const ps = parseNumber(option, text);
  if (ps > 0) return ps;
  throw new FlimdError('FLIMD_E_CONFIG', `${option} cannot be ${text}`, {
    value: text,
    expected: 'a number above 0',
    action: 'give the width of a time bin of the detector, ps',
  });
}

function cannotWrite(out: string, cause: Error): FlimdError {
  return new FlimdError(
    'FLIMD_E_CONFIG',
    `--out: cannot write to ${out}: ${cause.message}`,
    { value: out, expected: 'a folder that can be made and written', action: 'give another --out' },
    { cause },
  );
}

function wholeBins(text: string): number {
  const bins = parseNumber('--bins', text);
  if (Number.isInteger(bins) && bins >= 1) return bins;
  throw new FlimdError('FLIMD_E_CONFIG', `--bins cannot be ${text}`, {
    value: text,
    expected: 'a whole number, 1 or more',
    action: 'give the number of time bins of the detector',
  });
}

function parallelismOf({ network }: ModelPackage, flags: HlsFlags): CoreParallelism {
  const given: Partial<CoreParallelism> = {};
  for (const name of ['lanes', 'unroll', 'turns'] as const) {
    const text = flags[name];
    if (text !== undefined) given[name] = parseNumber(`--${name}`, text);
  }
  const parallelism = defaultParallelism(network.hidden, given);
  checkParallelism(parallelism, network.hidden);
  return parallelism;
}

/** Little-endian, whatever this machine is. */
function imageBytes(image: Uint32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(image.length * 4));
  image.forEach((word, at) => bytes.setUint32(4 * at, word, true));
  return new Uint8Array(bytes.buffer);
}
