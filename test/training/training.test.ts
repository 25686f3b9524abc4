import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadModelPackage, type ModelPackage } from '../../src/lifetime/model-package.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { accuracyCard } from '../../src/training/accuracy.js';
import { BatchSource } from '../../src/training/batches.js';
import { type Checkpoint, readCheckpoint } from '../../src/training/checkpoint.js';
import { exportNetwork } from '../../src/training/export.js';
import { TARGETS } from '../../src/training/outputs.js';
import { learningRateAt } from '../../src/training/schedule.js';
import { trainPackage } from '../../src/training/train-package.js';
import { Trainer } from '../../src/training/trainer.js';
import { testOptions, testPrior } from './test-prior.js';

describe('batches', () => {
  const options = testOptions({});

  it('are the same for the same seed and number, and else not', () => {
    const make = (seed: number, index: number) => new BatchSource(options, 8, seed).make(index);
    const source = new BatchSource(options, 8, 1);
    source.make(3);
    expect(source.make(7)).toEqual(make(1, 7));
    expect(make(1, 7).x).not.toEqual(make(1, 8).x);
    expect(make(1, 7).x).not.toEqual(make(2, 7).x);
  });

  it('hold inputs, targets and weights in the units of the network', () => {
    const { x, u, targets, weights } = new BatchSource(options, 200, 1).make(0);
    const shares = Array.from({ length: 200 }, (_, example) =>
      x.subarray(example * 16, example * 16 + 16).reduce((sum, value) => sum + (value / 8) ** 2, 0),
    );
    // Every gate's root is rounded down to 1/1024.
    for (const share of shares) expect(share).toBeGreaterThan(0.96);
    for (const share of shares) expect(share).toBeLessThanOrEqual(1);
    const lifetimes = targets.filter((_, at) => at % TARGETS < 4);
    for (const target of lifetimes) expect(target * 8192).toBeGreaterThanOrEqual(499);
    for (const target of lifetimes) expect(target * 8192).toBeLessThanOrEqual(4001);
    weights.forEach((weight, example) => {
      expect(Math.abs(1024 * 2 ** u[example]! - 500 * weight ** (1 / 0.7))).toBeLessThan(100);
    });
  });
});

describe('the learning rate', () => {
  it('rises, then falls to 0', () => {
    expect(learningRateAt(1, 0, 0)).toBeCloseTo(1 / 200);
    expect(learningRateAt(1, 1000, 0.5)).toBeCloseTo(0.5);
    expect(learningRateAt(1, 1000, 1)).toBeCloseTo(0);
  });
});

const quickCard = { samples: 4000, pixels: 1000 };

/** Aborted as soon as `condition` holds, which is looked at after every step. */
function abortedWhen(condition: () => boolean): AbortSignal {
  const signal = new AbortController().signal;
  return Object.defineProperty(signal, 'aborted', { get: condition });
}

describe('a training', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'flimd-training-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const networkOf = (trainer: Trainer) =>
    exportNetwork(trainer.network, {
      gates: 16,
      minPhotons: 1,
      photonFeature: [-640, 0],
      lifetimeRangePs: [1, 9999],
    });

  it('of the same seed gives the same network; of another, another', async () => {
    const train = async (seed: number) => {
      const trainer = await Trainer.create(testOptions({ seed }));
      expect(await trainer.run()).toBe(true);
      const network = networkOf(trainer);
      trainer.dispose();
      return network;
    };
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect((await train(2)).recurrentWeights).not.toEqual(first.recurrentWeights);
  });

  it('goes on from a checkpoint as if it had not stopped', async () => {
    const whole = await Trainer.create(testOptions({}));
    const checkpoints: Checkpoint[] = [];
    await whole.run();
    const halted = await Trainer.create(testOptions({}));
    const finished = await halted.run({
      signal: abortedWhen(() => halted.state.step >= 15),
      onCheckpoint: async (checkpoint) =>
        void checkpoints.push(JSON.parse(JSON.stringify(checkpoint)) as Checkpoint),
    });
    expect(finished).toBe(false);
    const resumed = await Trainer.resume(checkpoints.at(-1)!);
    expect(resumed.state.step).toBe(15);
    expect(await resumed.run()).toBe(true);
    expect(networkOf(resumed)).toEqual(networkOf(whole));
  });

  it('reaches the accuracy of a short training, as the integer network', { timeout: 120_000 }, async () => {
    const options = testOptions({
      prior: testPrior({ mono: 1 }),
      hidden: 16,
      batch: 256,
      steps: 500,
      learningRate: 0.006,
    });
    const made = (await trainPackage(directory, options, { card: quickCard })) as { package: ModelPackage };
    expect(await readdir(directory)).toEqual(['model.json', 'weights.bin']);
    const loaded = await loadModelPackage(directory);
    expect(loaded.hash).toBe(made.package.hash);
    expect(loaded.training).toMatchObject({ stepsDone: 500, options: { seed: 1, prior: { mono: 1 } } });
    const [at100, at500] = accuracyCard(loaded.network, options.prior, quickCard);
    for (const output of ['meanLifetimeAmplitude', 'meanLifetimeIntensity'] as const) {
      expect(at100!.rmsePs[output]).toBeLessThan(1.3 * at100!.bayesRmsePs[output]);
      expect(at500!.rmsePs[output]).toBeLessThan(1.6 * at500!.bayesRmsePs[output]);
      expect(Math.abs(at500!.biasPs[output])).toBeLessThan(40);
    }
  });

  it('that is interrupted leaves a checkpoint and no package', async () => {
    const interrupt = new AbortController();
    interrupt.abort();
    expect(await trainPackage(directory, testOptions({}), { signal: interrupt.signal })).toBeNull();
    expect(await readdir(directory)).toEqual(['checkpoint.json']);
    expect((await readCheckpoint(path.join(directory, 'checkpoint.json'))).options).toEqual(testOptions({}));
  });

  it('reports its progress', async () => {
    const trainer = await Trainer.create(testOptions({ steps: 1000, hidden: 32, batch: 512 }));
    const reports: unknown[] = [];
    await trainer.run({
      signal: abortedWhen(() => reports.length === 1),
      onProgress: (report) => reports.push(report),
    });
    trainer.dispose();
    expect(reports).toEqual([
      {
        step: trainer.state.step,
        fractionDone: trainer.state.step / 1000,
        loss: expect.any(Number),
        stepsPerSecond: expect.any(Number),
        secondsLeft: expect.any(Number),
      },
    ]);
  });
});

describe('a checkpoint that is none', () => {
  it('is a typed error', async () => {
    await expect(readCheckpoint(path.join(tmpdir(), 'no-such-checkpoint.json'))).rejects.toThrow(FlimdError);
    await expect(readCheckpoint(path.join(tmpdir(), 'no-such-checkpoint.json'))).rejects.toMatchObject({
      code: 'FLIMD_E_TRAINING',
    });
  });
});
