import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { type IntegerNetwork, serializeWeights, weightBytes } from '../../src/lifetime/integer-network.js';
import {
  findModels,
  loadModelPackage,
  parseModelPackage,
  writeModelPackage,
} from '../../src/lifetime/model-package.js';
import { packageHash, sha256 } from '../../src/lifetime/model-hash.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { randomNetwork } from '../support/random-network.js';

const gates = 3;
const timing = {
  laserPeriodFs: 12_500_000,
  gatesFs: Array.from({ length: gates }, (_, g): [number, number] => [g * 1000, (g + 1) * 1000]),
};
const network = randomNetwork(new Random(1), { gates, hidden: 8, head: 5 }, 'legal');
const record = { name: 'test-3', description: 'a test', training: { seed: 1 }, accuracy: {} };

let directory: string;
let json: string;
let weights: Uint8Array;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flimd-model-'));
  await writeModelPackage(path.join(directory, 'test-3'), { ...record, network, timing });
  json = await readFile(path.join(directory, 'test-3/model.json'), 'utf8');
  weights = await readFile(path.join(directory, 'test-3/weights.bin'));
});
afterEach(() => rm(directory, { recursive: true }));

function failure(run: () => unknown): FlimdError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FlimdError);
    expect((error as FlimdError).code).toBe('FLIMD_E_MODEL_FILE');
    return error as FlimdError;
  }
  throw new Error('the damaged package was accepted');
}

/** model.json with one member, by path, set to another value (undefined removes it). */
function withMember(member: string, value: unknown): string {
  const content = JSON.parse(json) as Record<string, unknown>;
  const keys = member.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, content);
  parent[last] = value;
  return JSON.stringify(content);
}

/** A package whose digests and hash are right for a network that is not. */
function consistentPackage(broken: IntegerNetwork): [string, Uint8Array] {
  const bytes = serializeWeights(broken);
  const content = JSON.parse(json) as Record<string, unknown>;
  const { minPhotons, photonFeature, lifetimeRangePs } = broken;
  Object.assign(content, { minPhotons, photonFeature, lifetimeRangePs });
  content['weights'] = { file: 'weights.bin', sha256: sha256(bytes) };
  content['hash'] = packageHash(broken, timing);
  return [JSON.stringify(content), bytes];
}

describe('a model package', () => {
  it('comes back as it was written', async () => {
    const loaded = await loadModelPackage(path.join(directory, 'test-3'));
    expect(loaded).toEqual({ ...record, network, timing, decoder: null, hash: packageHash(network, timing) });
  });

  it('has the bytes of docs/fixed-point.md §6', () => {
    // H = 8, D = 5, O = 4: 3·64 + 24 + 24 + 40 + 20 weights, 32 + 5 + 4 shifts, 4·(32 + 5 + 4) of biases.
    expect(weightBytes({ gates, hidden: 8, head: 5 })).toBe(300 + 41 + 164);
    expect(weights.length).toBe(505);
    const view = new DataView(weights.buffer, weights.byteOffset);
    expect(view.getInt8(8)).toBe(network.recurrentWeights[8]);
    expect(view.getInt8(3 * 64 + 24)).toBe(network.photonWeights[0]);
    expect(view.getUint8(300 + 32)).toBe(network.headShifts[0]);
    expect(view.getInt32(300 + 41 + 4, true)).toBe(network.biases[1]);
    expect(view.getInt32(505 - 4, true)).toBe(network.outputBiases[3]);
  });

  it('has the hash that the specification describes', () => {
    const head =
      '{"arithmetic":2,"gates":3,"head":5,"hidden":8,"lifetimeRangePs":[1,65535],"minPhotons":1,' +
      '"outputs":["meanLifetimeAmplitude","meanLifetimeIntensity","standardErrorAmplitude",' +
      '"standardErrorIntensity"],"photonFeature":[-640,1024],' +
      '"timing":{"gatesFs":[[0,1000],[1000,2000],[2000,3000]],"laserPeriodFs":12500000}}';
    expect(packageHash(network, timing)).toBe(sha256(Buffer.concat([Buffer.from(`${head}\0`), weights])));
  });

  it('is found below the models directory', async () => {
    expect(await findModels(directory)).toEqual([path.join(directory, 'test-3')]);
    expect(await findModels(path.join(directory, 'nowhere'))).toEqual([]);
  });

  it('says which file is missing', async () => {
    await expect(loadModelPackage(directory)).rejects.toMatchObject({ code: 'FLIMD_E_MODEL_FILE' });
    await expect(loadModelPackage(directory)).rejects.toThrow('model.json');
  });

  it('names the directory of a damaged package', async () => {
    const place = path.join(directory, 'test-3');
    await writeFile(path.join(place, 'model.json'), '{');
    await expect(loadModelPackage(place)).rejects.toThrow(place);
  });
});

describe('a damaged model.json is refused', () => {
  const damages: [string, unknown][] = [
    ['format', 'onnx'],
    ['formatVersion', 2],
    ['name', '../up'],
    ['description', 7],
    ['arithmetic', 1],
    ['gates', 0],
    ['gates', 4],
    ['hidden', 6],
    ['hidden', 68],
    ['head', 65],
    ['outputs', ['meanLifetimeIntensity', 'meanLifetimeAmplitude']],
    ['minPhotons', 0],
    ['minPhotons', 2],
    ['photonFeature', [0]],
    ['photonFeature', [1, 0]],
    ['lifetimeRangePs', [0, 5000]],
    ['lifetimeRangePs', [200, 70000]],
    ['timing', undefined],
    ['timing.laserPeriodFs', 12_500_001],
    ['timing.laserPeriodFs', -1],
    [
      'timing.gatesFs',
      [
        [0, 1000],
        [1000, 2000],
      ],
    ],
    [
      'timing.gatesFs',
      [
        [0, 1000],
        [900, 2000],
        [2000, 3000],
      ],
    ],
    [
      'timing.gatesFs',
      [
        [0, 1000],
        [1000, 1000],
        [2000, 3000],
      ],
    ],
    ['weights.file', '/etc/passwd'],
    ['weights.sha256', '0'.repeat(64)],
    ['hash', '0'.repeat(64)],
    ['hash', 'short'],
    ['training', 'none'],
    ['accuracy', undefined],
    ['surprise', 1],
  ];

  it.each(damages)('%s = %j', (member, value) => {
    const error = failure(() => parseModelPackage(withMember(member, value), weights));
    expect(error.message.length).toBeGreaterThan(10);
  });

  it('names the member and what was expected', () => {
    const error = failure(() => parseModelPackage(withMember('formatVersion', 2), weights));
    expect(error.message).toContain('formatVersion is 2');
    expect(error.details.value).toBe(2);
  });
});

describe('damaged weights are refused', () => {
  it('of another size', () => {
    const short = weights.subarray(1);
    const text = withMember('weights.sha256', sha256(short));
    expect(failure(() => parseModelPackage(text, short)).message).toContain('weights file size is 504');
  });

  it('with one bit changed', () => {
    const changed = Uint8Array.from(weights);
    changed[100]! ^= 1;
    expect(failure(() => parseModelPackage(json, changed)).message).toContain('sha256');
  });

  const outOfRange: [string, (broken: IntegerNetwork) => void][] = [
    ['recurrentWeights[7] is -128', (broken) => broken.recurrentWeights.fill(-128, 7, 8)],
    ['inputWeights[0] is -128', (broken) => broken.inputWeights.fill(-128, 0, 1)],
    ['photonWeights[0] is -128', (broken) => broken.photonWeights.fill(-128, 0, 1)],
    ['headWeights[0] is -128', (broken) => broken.headWeights.fill(-128, 0, 1)],
    ['outputWeights[9] is -128', (broken) => broken.outputWeights.fill(-128, 9)],
    ['shifts[0] is 0', (broken) => broken.shifts.fill(0, 0, 1)],
    ['shifts[31] is 25', (broken) => broken.shifts.fill(25, 31)],
    ['headShifts[2] is 25', (broken) => broken.headShifts.fill(25, 2)],
    ['outputShifts[0] is 0', (broken) => broken.outputShifts.fill(0)],
    ['biases[1] is 4194304', (broken) => broken.biases.fill(1 << 22, 1)],
    ['headBiases[0] is -1073741824', (broken) => broken.headBiases.fill(-(2 ** 30))],
    ['outputBiases[0] is 1073741824', (broken) => broken.outputBiases.fill(2 ** 30)],
    ['photonFeature[0] is -1921', (broken) => (broken.photonFeature = [-1921, 0])],
    ['minPhotons is 1048577', (broken) => (broken.minPhotons = (1 << 20) + 1)],
  ];

  it.each(outOfRange)('%s', (message, damage) => {
    const broken = structuredClone(network);
    damage(broken);
    expect(failure(() => parseModelPackage(...consistentPackage(broken))).message).toContain(message);
  });
});
