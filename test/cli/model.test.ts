import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/random/random.js';
import { modelCommand } from '../../src/cli/model.js';
import { writeModelPackage } from '../../src/lifetime/model-package.js';
import { evenGates } from '../../src/training/option-text.js';
import { randomNetwork } from '../support/random-network.js';

/** Runs `flimd model …` in this process; what it wrote to standard output. */
async function model(...args: string[]): Promise<string> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  try {
    await modelCommand().exitOverride().parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return output;
}

const instrument = ['--laser-period-ps', '12500', '--gates', '8', '--gate-width-ps', '1562.5'];
const tiny = ['--hidden', '4', '--head', '4', '--batch', '8', '--steps', '2'];

describe('flimd model show', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'flimd-show-'));
    const network = randomNetwork(new Random(1), { gates: 32, hidden: 32, head: 32 }, 'trained');
    const lifetimes = { meanLifetimeAmplitude: 100, meanLifetimeIntensity: 90 };
    const row = { photons: 500, valid: 1, rmsePs: lifetimes, biasPs: lifetimes, bayesRmsePs: lifetimes };
    await writeModelPackage(directory, {
      name: 'shown',
      description: 'a random network',
      network,
      timing: { laserPeriodFs: 12_500_000, gatesFs: evenGates(32, 390.625, 0) },
      training: {},
      accuracy: { rows: [row] },
    });
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('says what a package is, in words', async () => {
    const words = await model('show', directory);
    expect(words).toContain('shown: a random network');
    expect(words).toContain('4580 parameters');
    expect(words).toContain('12.500 ns');
    expect(words).toContain('no deconvolved decay');
    expect(words).toMatch(/ 500 +100 +100 +100 +90 +90 +90/);
  });

  it('and for programs', async () => {
    const shown = JSON.parse(await model('show', directory, '--json')) as Record<string, unknown>;
    expect(shown).toMatchObject({ name: 'shown', gates: 32, hidden: 32, macsPerPixel: 105_600 });
    expect(shown.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(shown.decoder).toBeNull();
  });

  it('says which directory holds none', async () => {
    await expect(model('show', path.join(directory, 'missing'))).rejects.toMatchObject({
      code: 'FLIMD_E_MODEL_FILE',
    });
  });
});

describe('flimd model train', () => {
  it('writes a package that can be shown', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flimd-train-'));
    const summary = await model('train', '--name', 'tiny', ...instrument, ...tiny, '--out', directory);
    expect(summary).toContain(`in ${directory}`);
    const shown = JSON.parse(await model('show', directory, '--json')) as Record<string, unknown>;
    expect(shown).toMatchObject({
      name: 'tiny',
      lifetimeRangePs: [200, 5000],
      training: { stepsDone: 2, options: { prior: { laserPeriodFs: 12_500_000, irf: { fwhmPs: 200 } } } },
    });
    await rm(directory, { recursive: true });
  });

  it('writes the decoder where one was trained', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flimd-train-'));
    const pulse = ['--irf-center-ps', '1500'];
    await model('train', '--name', 'tiny', ...instrument, ...tiny, ...pulse, '--decoder', '--out', directory);
    const shown = JSON.parse(await model('show', directory, '--json')) as Record<string, unknown>;
    // H = 4, 8 gates: 6·16 + 4·4 + 4 + 1 parameters, 48 + 8·(48 + 4) multiply-accumulates.
    expect(shown.decoder).toEqual({
      stepFs: 1_562_500,
      zeroFs: 1_500_000,
      parameters: 117,
      bytes: 96 + 4 + 17 + 68,
      macsPerDecay: 464,
    });
    expect(await model('show', directory)).toContain('8 steps of 1.563 ns; 117 parameters, 185 bytes');
    await rm(directory, { recursive: true });
  });

  it.each([
    [['--name', 'x', ...tiny], '--laser-period-ps is missing'],
    [[...instrument, ...tiny], '--name is missing'],
    [['--name', 'x', '--laser-period-ps', '12500', ...tiny], '--gates or --gates-spec is missing'],
    [
      ['--name', 'x', '--laser-period-ps', '12500', '--gates-spec', '1..3/2', ...tiny],
      '--bin-width-ps is missing',
    ],
    [['--name', 'x', ...instrument, ...tiny, '--irf', 'square'], '--irf is "square"'],
    [['--name', 'x', ...instrument, ...tiny, '--tau-ns', '5..0.2'], '--tau-ns is [5,0.2]'],
    [['--name', 'x', ...instrument, ...tiny, '--minutes', '1'], '--steps, --minutes is [2,1]'],
    [['--resume', '--out', 'x', '--seed', '3'], '--resume takes its options from the checkpoint, not --seed'],
  ])('refuses %j', async (args, message) => {
    await expect(model('train', ...args)).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      message: expect.stringContaining(message),
    });
  });

  it('says that there is nothing to resume', async () => {
    await expect(model('train', '--resume', '--out', '/nonexistent')).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
    });
  });
});
