import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decoderBytes, type IntegerDecoder, serializeDecoder } from '../../src/lifetime/integer-decoder.js';
import { sha256 } from '../../src/lifetime/model-hash.js';
import { loadModelPackage, parseModelPackage, writeModelPackage } from '../../src/lifetime/model-package.js';
import { Random } from '../../src/random/random.js';
import { randomDecoder } from '../support/random-decoder.js';
import { randomNetwork } from '../support/random-network.js';

const network = randomNetwork(new Random(1), { gates: 3, hidden: 8, head: 5 }, 'legal');
const timing = {
  laserPeriodFs: 12_500_000,
  gatesFs: [0, 1, 2].map((gate): [number, number] => [gate * 1000, (gate + 1) * 1000]),
};
const decoder: IntegerDecoder = {
  ...randomDecoder(new Random(2), 8, 'legal'),
  stepFs: 1000,
  zeroFs: -250,
};
const model = { name: 'test', description: 'a test', training: {}, accuracy: {}, network, timing };

let directory: string;
let json: string;
let weights: Uint8Array;
let decoderFile: Uint8Array;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flimd-decoder-'));
  await writeModelPackage(directory, { ...model, decoder });
  json = await readFile(path.join(directory, 'model.json'), 'utf8');
  weights = await readFile(path.join(directory, 'weights.bin'));
  decoderFile = await readFile(path.join(directory, 'decoder.bin'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The text of model.json with the entry of the decoder changed. */
function withEntry(change: Record<string, unknown>): string {
  const content = JSON.parse(json) as { decoder: Record<string, unknown> };
  return JSON.stringify({ ...content, decoder: { ...content.decoder, ...change } });
}

describe('a package with a decoder', () => {
  it('comes back as it was written, under the hash of the package without one', async () => {
    const loaded = await loadModelPackage(directory);
    expect(loaded.decoder).toEqual(decoder);
    const without = await writeModelPackage(directory, model);
    expect(without.hash).toBe(loaded.hash);
    expect(without.decoder).toBeNull();
    expect((await readdir(directory)).sort()).toEqual(['model.json', 'weights.bin']);
    expect((await loadModelPackage(directory)).decoder).toBeNull();
  });

  it('has the bytes of docs/fixed-point.md §7', () => {
    // H = 8: 3·64 + 3·64 + 8 weights, 32 + 1 shifts, 4·(32 + 1) of biases.
    expect(decoderBytes({ hidden: 8 })).toBe(392 + 33 + 132);
    expect(decoderFile.length).toBe(557);
    const view = new DataView(decoderFile.buffer, decoderFile.byteOffset);
    expect(view.getInt8(192)).toBe(decoder.contextWeights[0]);
    expect(view.getInt8(384)).toBe(decoder.readoutWeights[0]);
    expect(view.getUint8(392 + 32)).toBe(decoder.readoutShift[0]);
    expect(view.getInt32(392 + 33 + 4, true)).toBe(decoder.biases[1]);
    expect(view.getInt32(553, true)).toBe(decoder.readoutBias[0]);
  });
});

describe('a damaged decoder is refused', () => {
  const refusal = (text: string, bytes: Uint8Array | null, message: string) =>
    expect(() => parseModelPackage(text, weights, bytes)).toThrowError(
      expect.objectContaining({ code: 'FLIMD_E_MODEL_FILE', message: expect.stringContaining(message) }),
    );

  it('whose file is missing', async () => {
    refusal(json, null, 'decoder.bin');
    await rm(path.join(directory, 'decoder.bin'));
    await expect(loadModelPackage(directory)).rejects.toMatchObject({
      code: 'FLIMD_E_MODEL_FILE',
      details: { action: 'the package is incomplete: get it again' },
    });
  });

  it('with one bit changed, or of another size', async () => {
    const changed = Uint8Array.from(decoderFile);
    changed[9]! ^= 1;
    refusal(json, changed, 'decoder.sha256');
    await writeFile(path.join(directory, 'decoder.bin'), changed);
    await expect(loadModelPackage(directory)).rejects.toThrow(directory);
    const short = decoderFile.subarray(1);
    refusal(withEntry({ sha256: sha256(short) }), short, "decoder's weights file size is 556");
  });

  it.each([
    [{ file: '/etc/passwd' }, 'decoder.file'],
    [{ stepFs: 0 }, 'decoder.stepFs'],
    [{ zeroFs: 0.5 }, 'decoder.zeroFs'],
    [{ surprise: 1 }, 'decoder'],
  ])('with the entry %j', (change, message) => refusal(withEntry(change), decoderFile, message));

  it.each<[string, (broken: IntegerDecoder) => void]>([
    ['recurrentWeights[7] is -128', (broken) => broken.recurrentWeights.fill(-128, 7, 8)],
    ['contextWeights[191] is -128', (broken) => broken.contextWeights.fill(-128, 191)],
    ['readoutWeights[0] is -128', (broken) => broken.readoutWeights.fill(-128, 0, 1)],
    ['shifts[31] is 25', (broken) => broken.shifts.fill(25, 31)],
    ['readoutShift[0] is 0', (broken) => broken.readoutShift.fill(0)],
    ['biases[1] is 4194304', (broken) => broken.biases.fill(1 << 22, 1)],
    ['readoutBias[0] is 1073741824', (broken) => broken.readoutBias.fill(2 ** 30)],
  ])('%s', (message, damage) => {
    const broken = structuredClone(decoder);
    damage(broken);
    const bytes = serializeDecoder(broken);
    refusal(withEntry({ sha256: sha256(bytes) }), bytes, message);
  });
});
