import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { FlimdError } from '../protocol/errors.js';
import { fixedPoint } from '../protocol/fixed-point.js';
import type { ModelTiming } from './gate-plan.js';
import {
  type IntegerNetwork,
  checkNetwork,
  networkOutputs,
  parseWeights,
  serializeWeights,
} from './integer-network.js';
import { ARITHMETIC_VERSION, decidingFacts, packageHash, sha256 } from './model-hash.js';

const DESCRIPTION_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';

/** What a package holds besides the network: free-form records of how it was trained and how well it does. */
export interface ModelRecord {
  name: string;
  description: string;
  training: Record<string, unknown>;
  accuracy: Record<string, unknown>;
}

/** A trained, quantized network with the time axis it was trained for. */
export interface ModelPackage extends ModelRecord {
  network: IntegerNetwork;
  timing: ModelTiming;
  /** 64 hex digits; frames and registers carry the first 16 (8 bytes). */
  hash: string;
}

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
  hash: hex256,
  training: record,
  accuracy: record,
});

type ModelDescriptionFile = z.infer<typeof descriptionSchema>;

/** Reads and checks the package in a directory; throws FLIMD_E_MODEL_FILE with what is wrong. */
export async function loadModelPackage(directory: string): Promise<ModelPackage> {
  const description = await readPart(path.join(directory, DESCRIPTION_FILE));
  const weights = await readPart(path.join(directory, WEIGHTS_FILE));
  try {
    return parseModelPackage(description.toString('utf8'), weights);
  } catch (error) {
    if (!(error instanceof FlimdError)) throw error;
    throw new FlimdError(error.code, `${directory}: ${error.message}`, error.details, { cause: error });
  }
}

async function readPart(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const action = 'give the directory of a model package: one that holds model.json and weights.bin';
    throw new FlimdError('FLIMD_E_MODEL_FILE', `cannot read ${file}`, { value: file, action }, { cause });
  }
}

/** A package from the text of `model.json` and the bytes of `weights.bin`; throws FLIMD_E_MODEL_FILE. */
export function parseModelPackage(json: string, weights: Uint8Array): ModelPackage {
  const file = parseDescription(json);
  const digest = sha256(weights);
  if (digest !== file.weights.sha256) throw damaged('weights.sha256', digest, file.weights.sha256);
  const { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs, timing } = file;
  const parameters = { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs };
  const network: IntegerNetwork = { ...parameters, ...parseWeights(weights, file) };
  checkNetwork(network);
  checkTiming(timing, gates);
  const hash = packageHash(network, timing);
  if (hash !== file.hash) throw damaged('hash', hash, file.hash);
  const { name, description, training, accuracy } = file;
  return { name, description, network, timing, hash, training, accuracy };
}

function parseDescription(json: string): ModelDescriptionFile {
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

function checkTiming(timing: ModelTiming, gates: number): void {
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

function damaged(name: string, value: unknown, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_MODEL_FILE', `${name} is ${JSON.stringify(value)}, expected ${expected}`, {
    value,
    expected,
    action: 'the package is damaged or of another version of flimd: get it again or train it again',
  });
}

/** Writes `model.json` and `weights.bin` into a directory, made where missing. */
export async function writeModelPackage(
  directory: string,
  model: ModelRecord & { network: IntegerNetwork; timing: ModelTiming },
): Promise<ModelPackage> {
  const weights = serializeWeights(model.network);
  const json = describe(model, weights);
  const written = parseModelPackage(json, weights);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, WEIGHTS_FILE), weights);
  await writeFile(path.join(directory, DESCRIPTION_FILE), json);
  return written;
}

function describe(
  { name, description, network, timing, training, accuracy }: Omit<ModelPackage, 'hash'>,
  weights: Uint8Array,
): string {
  const content = {
    format: 'flimd-model',
    formatVersion: 1,
    name,
    description,
    ...decidingFacts(network, timing),
    weights: { file: WEIGHTS_FILE, sha256: sha256(weights) },
    hash: packageHash(network, timing),
    training,
    accuracy,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The directories below `modelsDirectory` that hold a package, by name. */
export async function findModels(modelsDirectory: string): Promise<string[]> {
  const entries = await readdir(modelsDirectory, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name === DESCRIPTION_FILE)
    .map((entry) => entry.parentPath)
    .sort();
}
