import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';
import type { ModelTiming } from './gate-plan.js';
import { checkDecoder, type IntegerDecoder, parseDecoder, serializeDecoder } from './integer-decoder.js';
import { type IntegerNetwork, checkNetwork, parseWeights, serializeWeights } from './integer-network.js';
import {
  checkTiming,
  damaged,
  DECODER_FILE,
  DESCRIPTION_FILE,
  type ModelDescriptionFile,
  parseDescription,
  WEIGHTS_FILE,
} from './model-description.js';
import { decidingFacts, packageHash, sha256 } from './model-hash.js';

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
  /** For the deconvolved decay of a chosen pixel; null where the package has none. Not part of the hash. */
  decoder: IntegerDecoder | null;
  /** 64 hex digits; frames and registers carry the first 16 (8 bytes). */
  hash: string;
}

/** Reads and checks the package in a directory; throws FLIMD_E_MODEL_FILE with what is wrong. */
export async function loadModelPackage(directory: string): Promise<ModelPackage> {
  const json = await readPart(path.join(directory, DESCRIPTION_FILE));
  const weights = await readPart(path.join(directory, WEIGHTS_FILE));
  try {
    const file = parseDescription(json.toString('utf8'));
    return assemble(file, weights, file.decoder ? await readDecoder(directory) : null);
  } catch (error) {
    if (!(error instanceof FlimdError)) throw error;
    throw new FlimdError(error.code, `${directory}: ${error.message}`, error.details, { cause: error });
  }
}

const readDecoder = (directory: string): Promise<Buffer> =>
  readPart(path.join(directory, DECODER_FILE), 'the package is incomplete: get it again');

async function readPart(
  file: string,
  action = 'give the directory of a model package: one that holds model.json and weights.bin',
): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FlimdError('FLIMD_E_MODEL_FILE', `cannot read ${file}`, { value: file, action }, { cause });
  }
}

/**
 * A package from the text of `model.json` and the bytes of `weights.bin`, and of `decoder.bin` where it has one;
 * throws FLIMD_E_MODEL_FILE.
 */
export function parseModelPackage(
  json: string,
  weights: Uint8Array,
  decoder: Uint8Array | null = null,
): ModelPackage {
  return assemble(parseDescription(json), weights, decoder);
}

function assemble(
  file: ModelDescriptionFile,
  weights: Uint8Array,
  decoderFile: Uint8Array | null,
): ModelPackage {
  checkDigest('weights', weights, file.weights.sha256);
  const { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs, timing } = file;
  const parameters = { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs };
  const network: IntegerNetwork = { ...parameters, ...parseWeights(weights, file) };
  checkNetwork(network);
  checkTiming(timing, gates);
  const hash = packageHash(network, timing);
  if (hash !== file.hash) throw damaged('hash', hash, file.hash);
  const { name, description, training, accuracy } = file;
  const decoder = assembleDecoder(file, decoderFile);
  return { name, description, network, timing, decoder, hash, training, accuracy };
}

function assembleDecoder(file: ModelDescriptionFile, bytes: Uint8Array | null): IntegerDecoder | null {
  if (!file.decoder) return null;
  if (!bytes) throw damaged(DECODER_FILE, null, 'the file that model.json names');
  const { sha256: digest, stepFs, zeroFs } = file.decoder;
  checkDigest('decoder', bytes, digest);
  const weights = parseDecoder(bytes, file);
  checkDecoder(weights, file);
  return { ...weights, stepFs, zeroFs };
}

function checkDigest(name: 'weights' | 'decoder', bytes: Uint8Array, expected: string): void {
  const digest = sha256(bytes);
  if (digest !== expected) throw damaged(`${name}.sha256`, digest, expected);
}

type WritablePackage = ModelRecord & {
  network: IntegerNetwork;
  timing: ModelTiming;
  decoder?: IntegerDecoder | null;
};

/** Writes `model.json`, `weights.bin` and, where there is a decoder, `decoder.bin` into a directory. */
export async function writeModelPackage(directory: string, model: WritablePackage): Promise<ModelPackage> {
  const weights = serializeWeights(model.network);
  const decoder = model.decoder ? serializeDecoder(model.decoder) : null;
  const json = describe(model, weights, decoder);
  const written = parseModelPackage(json, weights, decoder);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, WEIGHTS_FILE), weights);
  const decoderPath = path.join(directory, DECODER_FILE);
  // One of a package that was here before would belong to other weights.
  if (decoder) await writeFile(decoderPath, decoder);
  else await rm(decoderPath, { force: true });
  await writeFile(path.join(directory, DESCRIPTION_FILE), json);
  return written;
}

function describe(
  { name, description, network, timing, decoder, training, accuracy }: WritablePackage,
  weights: Uint8Array,
  decoderFile: Uint8Array | null,
): string {
  const content = {
    format: 'flimd-model',
    formatVersion: 1,
    name,
    description,
    ...decidingFacts(network, timing),
    weights: { file: WEIGHTS_FILE, sha256: sha256(weights) },
    ...(decoder && decoderFile && { decoder: describeDecoder(decoder, decoderFile) }),
    hash: packageHash(network, timing),
    training,
    accuracy,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const describeDecoder = ({ stepFs, zeroFs }: IntegerDecoder, bytes: Uint8Array) => ({
  file: DECODER_FILE,
  sha256: sha256(bytes),
  stepFs,
  zeroFs,
});

/** The directories below `modelsDirectory` that hold a package, by name. */
export async function findModels(modelsDirectory: string): Promise<string[]> {
  const entries = await readdir(modelsDirectory, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name === DESCRIPTION_FILE)
    .map((entry) => entry.parentPath)
    .sort();
}
