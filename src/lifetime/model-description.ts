import * as z from 'zod';
import { FlimdError } from '../protocol/errors.js';
import { fixedPoint } from '../protocol/fixed-point.js';
import type { ModelTiming } from './gate-plan.js';
import { networkOutputs } from './integer-network.js';
import { ARITHMETIC_VERSION } from './model-hash.js';

export const DESCRIPTION_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.bin';
export const DECODER_FILE = 'decoder.bin';

const whole = z.number().int();
const pair = z.tuple([whole, whole]);
const record = z.record(z.string(), z.unknown());
const hex256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');

const descriptionSchema = z.strictObject({
  format: z.literal('flimd-model'),
  formatVersion: z.literal(1),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, dots and dashes'),
  description: z.string(),
  arithmetic: z.literal(ARITHMETIC_VERSION),
  gates: whole.min(1).max(fixedPoint.maxGates),
  hidden: whole.min(fixedPoint.unitGranule).max(fixedPoint.maxUnits).multipleOf(fixedPoint.unitGranule),
  head: whole.min(1).max(fixedPoint.maxUnits),
  outputs: z.tuple([
    z.literal(networkOutputs[0]),
    z.literal(networkOutputs[1]),
    z.literal(networkOutputs[2]),
    z.literal(networkOutputs[3]),
  ]),
  minPhotons: whole,
  photonFeature: pair,
  lifetimeRangePs: pair,
  timing: z.strictObject({ laserPeriodFs: whole.positive(), gatesFs: z.array(pair).min(1) }),
  weights: z.strictObject({ file: z.literal(WEIGHTS_FILE), sha256: hex256 }),
  decoder: z
    .strictObject({ file: z.literal(DECODER_FILE), sha256: hex256, stepFs: whole.positive(), zeroFs: whole })
    .nullish(),
  hash: hex256,
  training: record,
  accuracy: record,
});

export type ModelDescriptionFile = z.infer<typeof descriptionSchema>;

/** The content of `model.json`, its shape checked; throws FLIMD_E_MODEL_FILE. */
export function parseDescription(json: string): ModelDescriptionFile {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (cause) {
    throw damaged(DESCRIPTION_FILE, (cause as Error).message, 'a JSON text');
  }
  const parsed = descriptionSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], content);
  throw damaged(issue.path.join('.') || DESCRIPTION_FILE, value, issue.message);
}

export function checkTiming(timing: ModelTiming, gates: number): void {
  if (timing.gatesFs.length !== gates)
    throw damaged('timing.gatesFs length', timing.gatesFs.length, `${gates}`);
  let previousEnd = 0;
  timing.gatesFs.forEach(([start, end], gate) => {
    if (start < previousEnd || end <= start) {
      throw damaged(
        `timing.gatesFs.${gate}`,
        [start, end],
        `a gate from ${previousEnd} fs on, start before end`,
      );
    }
    previousEnd = end;
  });
}

export function damaged(name: string, value: unknown, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_MODEL_FILE', `${name} is ${JSON.stringify(value)}, expected ${expected}`, {
    value,
    expected,
    action: 'the package is damaged or of another version of flimd: get it again or train it again',
  });
}
