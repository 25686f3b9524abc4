import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { type Batch, BatchSource } from '../../src/training/batches.js';
import {
  type Checkpoint,
  networkOf,
  readCheckpoint,
  weightsHash,
  writeCheckpoint,
} from '../../src/training/checkpoint.js';
import type { Labels } from '../../src/training/distillation.js';
import { LabelsReader, LabelsWriter } from '../../src/training/labels.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { evenGates } from '../../src/training/option-text.js';
import { labelSeed, labelsOf } from '../../src/training/teacher.js';
import { resumePackage, trainPackage } from '../../src/training/train-package.js';
import { Trainer } from '../../src/training/trainer.js';
import { testOptions, testPrior } from './test-prior.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flimd-distillation-'));
});
afterEach(() => rm(directory, { recursive: true }));
const inDirectory = (name: string): string => path.join(directory, name);

describe('the file of labels', () => {
  const options = testOptions({});
  const size = 6;
  const header = { format: 'flimd-labels', batches: 3, size, gates: 16, key: 'this' } as const;
  const batches = [0, 1, 2].map((index) => new BatchSource(options, size, 1).make(index));
  const random = new Random(1);
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const labels: Labels[] = batches.map(() => ({ targets: numbers(size * 5), decays: numbers(size * 16) }));

  async function write(finish = true): Promise<string> {
    const file = inDirectory('labels.bin');
    const writer = await LabelsWriter.create(file, header);
    for (const [index, batch] of batches.entries()) await writer.add(batch, labels[index]!);
    if (finish) await writer.finish();
    await writer.close();
    return file;
  }

  it('gives back what was written, round and round', async () => {
    const reader = LabelsReader.find(await write(), 'this')!;
    expect(reader.header).toEqual(header);
    for (const index of [0, 1, 2, 3, 7]) {
      expect(reader.batch(index)).toEqual({ ...batches[index % 3], labels: labels[index % 3] });
    }
    reader.close();
  });

  it('is not used under another key, unfinished, of another format, or missing', async () => {
    const file = await write(false);
    expect(LabelsReader.find(file, 'this')).toBeNull();
    await write();
    expect(LabelsReader.find(file, 'that')).toBeNull();
    const found = LabelsReader.find(file, 'this');
    expect(found).not.toBeNull();
    found!.close();
    await writeFile(file, JSON.stringify({ ...header, format: 'else' }));
    expect(LabelsReader.find(file, 'this')).toBeNull();
    expect(LabelsReader.find(inDirectory('missing.bin'), 'this')).toBeNull();
  });

  it('that is cut short says so', async () => {
    const file = await write();
    const { length } = await readFile(file);
    await truncate(file, length - 1);
    const reader = LabelsReader.find(file, 'this')!;
    expect(reader.batch(1).u).toEqual(batches[1]!.u);
    expect(() => reader.batch(2)).toThrow(
      expect.objectContaining({
        code: 'FLIMD_E_TRAINING',
        message: 'the file of labels is cut short',
        details: expect.objectContaining({ action: expect.stringContaining('delete it') }),
      }),
    );
    reader.close();
  });
});

/** Trains a float network and leaves its checkpoint in `name`. */
async function trained(name: string, change: Partial<TrainingOptions>): Promise<Checkpoint> {
  const options = testOptions({ precision: null, decoder: true, steps: 3, ...change });
  await trainPackage(inDirectory(name), options);
  return readCheckpoint(fileOf(name));
}

const fileOf = (name: string): string => path.join(directory, name, 'checkpoint.json');

const studentOf = (teacher: Checkpoint, change: Partial<TrainingOptions> = {}): TrainingOptions =>
  testOptions({
    precision: null,
    decoder: true,
    steps: 12,
    teacher: { sha256: weightsHash(teacher), belief: { outputs: 0.9, sequence: 0.8 }, batches: 5 },
    ...change,
  });

describe('a distilled training', () => {
  const teacherOptions = { hidden: 12, seed: 5 };
  const filesIn = (name: string) => ({ teacher: fileOf('teacher'), labels: inDirectory(name) });

  it('learns from what the teacher says of its own batches', async () => {
    const teacher = await trained('teacher', teacherOptions);
    const student = await Trainer.create(studentOf(teacher), filesIn('labels.bin'));
    const answered: number[] = [];
    await student.run({ onLabels: (fractionDone) => answered.push(fractionDone) });
    student.dispose();
    expect(answered).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    const { key } = JSON.parse(
      (await readFile(inDirectory('labels.bin'))).subarray(0, 4096).toString().replace(/\0+$/, ''),
    ) as { key: string };
    const reader = LabelsReader.find(inDirectory('labels.bin'), key)!;
    const network = networkOf(teacher, 2);
    for (const index of [0, 4]) {
      const { labels, ...batch } = reader.batch(index);
      const drawn: Batch = new BatchSource(testOptions({}), 64, labelSeed(1)).make(index);
      expect(batch).toEqual(drawn);
      expect(labels).toEqual(labelsOf(network, drawn));
      const { outputs } = network.predict(drawn, null);
      // tau1 is the fifth of seven outputs and the third of five targets.
      expect(labels!.targets[3 * 5 + 2]).toBe(outputs[3 * 7 + 4]);
    }
    network.dispose();
    reader.close();
  });

  it('is the same again, with labels made anew or found; another belief gives another', async () => {
    const teacher = await trained('teacher', teacherOptions);
    const run = async (labels: string, belief: number): Promise<string> => {
      const options = studentOf(teacher);
      options.teacher!.belief.outputs = belief;
      const student = await Trainer.create(options, filesIn(labels));
      let made = 0;
      await student.run({ onLabels: () => made++ });
      expect(made).toBe(labelFiles.has(labels) ? 0 : 5);
      labelFiles.add(labels);
      const hash = weightsHash(await student.checkpoint());
      student.dispose();
      return hash;
    };
    const labelFiles = new Set<string>();
    const first = await run('a.bin', 0.9);
    expect(await run('b.bin', 0.9)).toBe(first);
    expect(await run('b.bin', 0.9)).toBe(first);
    expect(await run('b.bin', 0)).not.toBe(first);
  });

  it('goes on from a checkpoint as if it had not stopped', async () => {
    const teacher = await trained('teacher', teacherOptions);
    const whole = await trainPackage(
      inDirectory('whole'),
      studentOf(teacher),
      {},
      { teacher: fileOf('teacher') },
    );
    expect(whole).toEqual({ checkpoint: fileOf('whole') });
    let looked = 0;
    const signal = new AbortController().signal;
    // Looked at before each of the 5 batches that the teacher answers, then before every step.
    Object.defineProperty(signal, 'aborted', { get: () => looked++ >= 5 + 7 });
    const halted = await trainPackage(
      inDirectory('halted'),
      studentOf(teacher),
      { signal },
      { teacher: fileOf('teacher') },
    );
    expect(halted).toBeNull();
    expect(await readCheckpoint(fileOf('halted'))).toMatchObject({ step: 7 });
    let labelled = false;
    await resumePackage(inDirectory('halted'), { onLabels: () => (labelled = true) });
    expect(labelled).toBe(false);
    const [one, other] = [await readCheckpoint(fileOf('whole')), await readCheckpoint(fileOf('halted'))];
    expect(other.step).toBe(12);
    expect(other.variables).toEqual(one.variables);
    expect(other.optimizer).toEqual(one.optimizer);
  });

  it('can be interrupted while the teacher answers', async () => {
    const teacher = await trained('teacher', teacherOptions);
    const interrupt = new AbortController();
    const student = await Trainer.create(studentOf(teacher), filesIn('labels.bin'));
    const answered: number[] = [];
    const checkpoints: Checkpoint[] = [];
    const finished = await student.run({
      signal: interrupt.signal,
      onLabels: (fractionDone) => {
        answered.push(fractionDone);
        interrupt.abort();
      },
      onCheckpoint: async (checkpoint) => void checkpoints.push(checkpoint),
    });
    expect(finished).toBe(false);
    expect(answered).toEqual([0.2]);
    expect(checkpoints.map(({ step }) => step)).toEqual([0]);
    // What was answered is no whole file: all is answered again.
    expect(await student.run({ onLabels: (fractionDone) => answered.push(fractionDone) })).toBe(true);
    expect(answered).toHaveLength(6);
    student.dispose();
  });

  it('leaves a package without the labels', async () => {
    const teacher = await trained('teacher', teacherOptions);
    await trainPackage(
      inDirectory('package'),
      studentOf(teacher, { precision: 8 }),
      { card: { pixels: 10, samples: 10 } },
      { teacher: fileOf('teacher') },
    );
    expect(await readdir(inDirectory('package'))).toEqual(['decoder.bin', 'model.json', 'weights.bin']);
  });

  const refused: [string, Partial<TrainingOptions>, string][] = [
    [
      'of other gates',
      { prior: testPrior({ gatesFs: evenGates(8, 1562.5, 0) }) },
      'the teacher was trained for other gates',
    ],
    [
      'of as many gates elsewhere',
      { prior: testPrior({ gatesFs: evenGates(16, 700, 500) }) },
      'the teacher was trained for other gates',
    ],
    [
      'of another laser',
      { prior: testPrior({ laserPeriodFs: 13_000_000 }) },
      'the teacher was trained for another laser period',
    ],
    [
      'of another response',
      { prior: testPrior({ irf: { kind: 'rectangle', widthPs: 500 } }) },
      'the teacher was trained for another response',
    ],
    ['without a decoder', { decoder: false }, 'the teacher has no decoder'],
  ];
  it.each(refused)('refuses a teacher %s', async (_, change, message) => {
    const teacher = await trained('teacher', { ...teacherOptions, ...change });
    const student = await Trainer.create(studentOf(teacher), filesIn('labels.bin'));
    await expect(student.run()).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
      message,
      details: { value: fileOf('teacher'), action: expect.stringContaining('with a decoder') },
    });
    student.dispose();
    expect(await readdir(directory)).toEqual(['teacher']);
  });

  it('refuses a teacher that has changed since', async () => {
    const teacher = await trained('teacher', teacherOptions);
    const student = await Trainer.create(studentOf(teacher), filesIn('labels.bin'));
    await writeCheckpoint(fileOf('teacher'), { ...teacher, variables: teacher.variables.slice().reverse() });
    await expect(student.run()).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
      message: 'the teacher has changed since this training began',
      details: { expected: weightsHash(teacher) },
    });
    student.dispose();
  });
});

describe('initial weights', () => {
  const create = (initial: Checkpoint, change: Partial<TrainingOptions>) =>
    Trainer.create(testOptions({ precision: null, decoder: true, ...change }), undefined, initial);

  it('are where the training begins, whatever its seed; a decoder may be left out or begun anew', async () => {
    const initial = await trained('initial', {});
    const same = await create(initial, { seed: 9 });
    expect(weightsHash(await same.checkpoint())).toBe(weightsHash(initial));
    const without = await create(initial, { decoder: false });
    const { variables } = await without.checkpoint();
    expect(variables).toEqual(initial.variables.slice(0, variables.length));
    const again = await create({ ...initial, variables }, { seed: 9 });
    const begun = (await again.checkpoint()).variables;
    expect(begun.slice(0, variables.length)).toEqual(variables);
    expect(begun.slice(variables.length)).not.toEqual(initial.variables.slice(variables.length));
    for (const trainer of [same, without, again]) trainer.dispose();
  });

  it.each([{ hidden: 12 }, { head: 12 }])('of another shape are refused (%j)', async (change) => {
    const initial = await trained('initial', {});
    await expect(create(initial, change)).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
      message: 'the initial weights are of a network of another shape',
      details: {
        value: expect.objectContaining({ hidden: 8, head: 8 }),
        expected: expect.stringContaining(JSON.stringify(change).slice(1, -1)),
      },
    });
  });
});
