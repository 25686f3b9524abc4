import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHIPPED_CORE } from '../../src/fpga/core-image.js';
import { model } from '../support/run-model.js';

const root = path.resolve(import.meta.dirname, '../..');
const shipped = path.join(root, 'models/cells-12.5ns-32');

describe('flimd model hls', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(path.join(tmpdir(), 'flimd-model-hls-'));
  });
  afterAll(() => rm(out, { recursive: true }));
  const hls = (...flags: string[]) => model('hls', shipped, ...flags, '--out', out);

  it('writes the header that is committed, and the image', async () => {
    const small = ['--lanes', '1', '--unroll', '8', '--turns', '1'];
    expect(await hls('--bins', '64', ...small)).toContain('model.h for 1 lanes, unroll 8, 1 turns');
    const header = await readFile(path.join(out, 'model.h'), 'utf8');
    expect(header).toBe(await readFile(path.join(root, 'hls/generated/cells-12.5ns-32/model.h'), 'utf8'));
    const image = await readFile(path.join(out, 'model.image'));
    expect(image.subarray(0, 4).toString('latin1')).toBe('FLMI');
    // Words 7 and 8: the hash that frames carry.
    expect(image.subarray(28, 36).toString('hex')).toBe('1d7002b82b0b7c1b');
  });

  it('takes all units at once and fills the pipeline unless told otherwise', async () => {
    expect(await hls('--bins', '64')).toContain('model.h for 4 lanes, unroll 32, 32 turns');
  });

  it('says where the core with run-time weights would have to be larger', async () => {
    const sizes = await readFile(path.join(root, 'hls/vendor/loadable_size.h'), 'utf8');
    const constant = (name: string) => Number(new RegExp(`${name} = (\\d+);`).exec(sizes)![1]);
    expect(SHIPPED_CORE).toEqual({
      hidden: constant('kLoadableUnits'),
      head: constant('kLoadableUnits'),
      gates: constant('kLoadableGates'),
      bins: constant('kLoadableBins'),
    });
    expect(await hls('--bins', '256')).not.toContain('loadable_size.h');
    expect(await hls('--bins', '512')).toContain('512 bins (more than hls/vendor/loadable_size.h has');
  });

  it('fills the pipeline where the core is unrolled less', async () => {
    const made = JSON.parse(await hls('--bins', '128', '--unroll', '8', '--lanes', '2', '--json')) as object;
    expect(made).toMatchObject({
      bins: 128,
      lanes: 2,
      unroll: 8,
      turns: 8,
      imageCore: { hidden: 32, head: 32, gates: 32, bins: 128 },
    });
    const header = await readFile(path.join(out, 'model.h'), 'utf8');
    expect(header).toContain('constexpr int kUnroll = 8;');
    expect(header).toContain('kBinGates[128] = {\n    0, 0, 0, 0, 1, 1,');
  });

  it.each([
    [['--bins', '64', '--unroll', '5'], 'FLIMD_E_CONFIG', 'cannot be unrolled by 5'],
    [['--bins', '64', '--turns', '1'], 'FLIMD_E_CONFIG', 'needs turns'],
    [['--bins', '64', '--lanes', '0'], 'FLIMD_E_CONFIG', 'lanes of a core cannot be 0'],
    [['--bins', '64', '--turns', '1.5'], 'FLIMD_E_CONFIG', 'turns of a core cannot be 1.5'],
    [['--bins', '12.5'], 'FLIMD_E_CONFIG', '--bins'],
    [['--bins', '60'], 'FLIMD_E_MODEL_BIN_WIDTH', 'inside a detector bin'],
    [['--bins', '16', '--bin-width-ps', '390.625'], 'FLIMD_E_MODEL_GATES', 'beyond the detector window'],
    [['--bins', '64', '--bin-width-ps', '-5'], 'FLIMD_E_CONFIG', '--bin-width-ps cannot be -5'],
    [[], 'FLIMD_E_CONFIG', '--bins is missing'],
  ])('refuses %j', async (flags, code, message) => {
    await expect(hls(...flags)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('says where it cannot write', async () => {
    const file = path.join(shipped, 'model.json');
    await expect(
      model('hls', shipped, '--bins', '64', '--out', path.join(file, 'core')),
    ).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      message: expect.stringContaining('--out'),
    });
  });
});
