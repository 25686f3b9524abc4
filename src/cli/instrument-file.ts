import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { InstrumentFile } from '../calibration/proposal.js';
import { FlimdError } from '../protocol/errors.js';
import { isIrfFile } from '../training/option-text.js';
import type { TrainFlags } from './training-flags.js';

const source = z.object({ name: z.string(), sha256: z.string() });
const irf = z
  .object({
    kind: z.literal('measured'),
    offsetsPs: z.array(z.number()).min(1),
    weights: z.array(z.number().nonnegative()).min(1),
    fwhmPs: z.number().positive(),
    source,
  })
  .refine(({ offsetsPs, weights }) => offsetsPs.length === weights.length, 'as many weights as offsets')
  .refine(
    ({ offsetsPs }) => offsetsPs.every((at, i) => i === 0 || at > offsetsPs[i - 1]!),
    'ascending offsets',
  )
  .refine(
    ({ weights }) => Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-6,
    'weights that add up to 1',
  );
const instrumentFile = z.object({
  format: z.literal('flimd-instrument'),
  version: z.literal(1),
  source,
  flags: z.object({
    laserPeriodPs: z.string(),
    bins: z.string(),
    binWidthPs: z.string(),
    window: z.string(),
    gates: z.string(),
    irf: z.string().optional(),
    irfCenterPs: z.string().optional(),
    irfJitterPs: z.string(),
    irfWidthJitter: z.string(),
    background: z.string(),
  }),
  measuredIrf: irf.optional(),
});

/** Reads what `flimd model calibrate --write` wrote. Throws FLIMD_E_CONFIG. */
export async function readInstrument(file: string): Promise<InstrumentFile> {
  try {
    return instrumentFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : (cause as Error).message;
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      `--instrument ${file}: ${problem}`,
      {
        value: file,
        expected: 'a file of flimd model calibrate --write',
        action: 'write it again, or give the options one by one',
      },
      { cause },
    );
  }
}

/** Ways to lay out gates that replace the file's window and gates when given. */
const otherLayouts = ['gatesSpec', 'gateWidthPs'];

/** The flags, with those of the file where none was given on the command line. */
export function withInstrument(
  flags: TrainFlags,
  { flags: fromFile, measuredIrf }: InstrumentFile,
  given: readonly string[],
): TrainFlags {
  const ownLayout = otherLayouts.some((name) => given.includes(name));
  const dropped = ownLayout ? ['window', 'gates', 'bins'] : [];
  // A file brings its own centre; and a measured response's width is no guess, a formula's is.
  const ownFile = given.includes('irf') && isIrfFile(flags.irf!);
  if (ownFile) dropped.push('irfCenterPs');
  if (ownFile || (given.includes('irf') && measuredIrf)) dropped.push('irfWidthJitter');
  const taken = Object.entries(fromFile).filter(
    ([name, text]) => text !== undefined && !given.includes(name) && !dropped.includes(name),
  );
  return { ...flags, ...Object.fromEntries(taken) };
}
