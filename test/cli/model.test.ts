import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/random/random.js';
import { modelCommand } from '../../src/cli/model.js';
import { loadModelPackage, writeModelPackage } from '../../src/lifetime/model-package.js';
import { readCheckpoint, weightsHash } from '../../src/training/checkpoint.js';
import { evenGates } from '../../src/training/option-text.js';
import { randomNetwork } from '../support/random-network.js';
import { model } from '../support/run-model.js';

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
    expect(words).toMatch(/ 500 +100 +– +100 +100 +90 +– +90 +90/);
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

  /** Commander writes its help to standard output as well, and ends by throwing. */
  const helpOf = (...args: string[]): Promise<string> => {
    let output = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
    const command = modelCommand();
    for (const each of [command, ...command.commands]) each.exitOverride();
    return command
      .parseAsync(args, { from: 'user' })
      .catch(() => {})
      .then(() => output)
      .finally(() => write.mockRestore());
  };

  it('tells the stages in its help, as commands that can be copied', async () => {
    const help = await helpOf('train', '--help');
    for (const flag of [
      '--bits',
      '--decoder',
      '--init',
      '--teacher',
      '--distill-outputs',
      '--distill-sequence',
      '--distill-batches',
      '--sequence-weight',
      '--parameter-weight',
    ]) {
      expect(help).toMatch(new RegExp(`^ +${flag}\\b`, 'm'));
    }
    // A line that goes on says so: every command begins with flimd or continues one that ended in a backslash.
    const lines = help.slice(help.indexOf('Examples:')).split('\n');
    lines.forEach((line, at) => {
      if (/^ {6}--/.test(line)) expect(lines[at - 1]).toMatch(/ \\$/);
    });
    expect(lines.filter((line) => /^ {4}flimd model train .*teacher/.test(line)).length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(130);
  });

  describe('by stages', () => {
    let directory: string;
    const fileOf = (name: string): string => path.join(directory, name, 'checkpoint.json');
    const train = (name: string, ...flags: string[]): Promise<string> =>
      model('train', '--name', name, ...instrument, ...tiny, ...flags, '--out', path.join(directory, name));
    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'flimd-stages-'));
      await train('teacher', '--bits', 'float', '--decoder');
    });
    afterAll(() => rm(directory, { recursive: true }));

    it('in float leaves a checkpoint and says so', async () => {
      expect(await train('float', '--bits', 'float')).toBe(
        `trained in float; the checkpoint is ${fileOf('float')}\n`,
      );
      expect(await readdir(path.join(directory, 'float'))).toEqual(['checkpoint.json']);
      const { options, step } = await readCheckpoint(fileOf('float'));
      expect(step).toBe(2);
      expect(options).toMatchObject({ precision: null, decoder: false, teacher: null, initialWeights: null });
    });

    it('teacher, distilled student, the same in 4 bit: each knows what it was made of', async () => {
      const teacher = weightsHash(await readCheckpoint(fileOf('teacher')));
      const distill = ['--distill-outputs', '0.7', '--distill-sequence', '0.6', '--distill-batches', '3'];
      await train('student', '--bits', 'float', '--decoder', '--teacher', fileOf('teacher'), ...distill);
      const student = await readCheckpoint(fileOf('student'));
      expect(student.options.teacher).toEqual({
        sha256: teacher,
        belief: { outputs: 0.7, sequence: 0.6 },
        batches: 3,
      });
      await train('package', '--bits', '4', '--decoder', '--init', fileOf('student'));
      const { network, training } = await loadModelPackage(path.join(directory, 'package'));
      expect(training).toMatchObject({
        options: { precision: 4, initialWeights: weightsHash(student), teacher: null },
      });
      expect(network.recurrentWeights.every((weight) => weight % 16 === 0)).toBe(true);
    });

    it('a student without a decoder believes nothing of the decoded decay', async () => {
      await train('bare', '--bits', 'float', '--teacher', fileOf('teacher'), '--distill-batches', '1');
      const { options } = await readCheckpoint(fileOf('bare'));
      expect(options.teacher!.belief).toEqual({ outputs: 0.95, sequence: 0 });
    });

    it.each([
      [['--distill-outputs', '1.1'], 'FLIMD_E_CONFIG', '--distill-outputs, --distill-sequence is '],
      [
        ['--decoder', '--distill-sequence', '-0.1'],
        'FLIMD_E_CONFIG',
        '--distill-outputs, --distill-sequence is ',
      ],
      [['--distill-batches', '0'], 'FLIMD_E_CONFIG', '--distill-batches is 0'],
      [['--distill-batches', '1.5'], 'FLIMD_E_CONFIG', '--distill-batches is 1.5'],
      [['--distill-outputs', 'much'], 'FLIMD_E_CONFIG', '--distill-outputs is "much"'],
      [['--sequence-weight', '11'], 'FLIMD_E_CONFIG', '--sequence-weight is 11'],
      [['--parameter-weight', '-1'], 'FLIMD_E_CONFIG', '--parameter-weight is -1'],
      [['--init', 'missing.json'], 'FLIMD_E_TRAINING', 'no checkpoint in missing.json'],
      [
        ['--hidden', '8', '--init', 'TEACHER'],
        'FLIMD_E_TRAINING',
        'initial weights are of a network of another',
      ],
      [['--gates', '4'], 'FLIMD_E_TRAINING', 'the teacher was trained for other gates'],
    ])('refuses %j', async (flags, code, message) => {
      const given = flags.map((flag) => (flag === 'TEACHER' ? fileOf('teacher') : flag));
      const refused = train('refused', '--bits', 'float', '--teacher', fileOf('teacher'), ...given);
      await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    });

    it('refuses a teacher that is missing, or no checkpoint', async () => {
      for (const file of ['missing.json', path.join(directory, 'no-checkpoint.json')]) {
        await writeFile(path.join(directory, 'no-checkpoint.json'), '{"format":"else"}');
        await expect(train('refused', '--teacher', file)).rejects.toMatchObject({
          code: 'FLIMD_E_TRAINING',
          details: { value: file },
        });
      }
    });
  });

  it('says that there is nothing to resume', async () => {
    await expect(model('train', '--resume', '--out', '/nonexistent')).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
    });
  });
});
