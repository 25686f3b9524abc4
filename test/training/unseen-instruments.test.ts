import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelTrainCommand } from '../../src/cli/model-train.js';
import { type TrainFlags, trainingOptions } from '../../src/cli/training-flags.js';
import { loadModelPackage } from '../../src/lifetime/model-package.js';
import { poisson } from '../../src/random/poisson.js';
import { Random } from '../../src/random/random.js';
import { networkEstimator } from '../../src/training/accuracy.js';
import { PosteriorMean } from '../../src/training/bayes.js';
import { DecaySource, type MeanLifetimes } from '../../src/training/decays.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { trainPackage } from '../../src/training/train-package.js';
import { histogramDelay, rectangleDelay, reflectingResponse } from '../support/photon-twin.js';
import { type InstrumentTwin, type TwinPixel, twinPixels } from './instrument-twins.js';

/*
 * Instruments for which nothing was tuned: options as a lab would type them, one short training, and pixels that are
 * made photon by photon from the instrument itself.
 */

const PHOTONS = 250;
const PIXELS = 2000;
/** Decays that stand for the prior in the Bayes limit: at 250 photons plenty (bayes.ts). */
const SAMPLES = 40_000;

/** 20 to 40 s on two busy cores. That of a package is twenty times as long, of twice the units. */
const short = [
  '--hidden',
  '16',
  '--head',
  '16',
  '--batch',
  '256',
  '--steps',
  '2500',
  '--learning-rate',
  '0.006',
];
const sample = ['--tau-ns', '0.3..4', '--photons', '100..1000', '--name', 'unseen'];

function optionsOf(instrument: string[]): Promise<TrainingOptions> {
  const command = modelTrainCommand();
  command.parseOptions([...instrument, ...sample, ...short]);
  return trainingOptions(command.opts<TrainFlags>(), null);
}

type Lifetime = keyof MeanLifetimes;

function figuresOf(lifetime: Lifetime, found: MeanLifetimes[], pixels: TwinPixel[]) {
  const errors = found.map((estimate, pixel) => estimate[lifetime] - pixels[pixel]!.truth[lifetime]);
  const mean = (of: (error: number) => number): number =>
    errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  return { rmse: Math.sqrt(mean((error) => error * error)), bias: mean((error) => error) };
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flimd-unseen-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Trains with these options and holds the integer network's errors on the twin against the Bayes limit's. */
async function expectNearBayesLimit(
  instrument: string[],
  twin: Pick<InstrumentTwin, 'delayPs' | 'background'>,
): Promise<void> {
  const options = await optionsOf(instrument);
  const { prior } = options;
  await trainPackage(directory, options, { card: { pixels: 200, samples: 1000 } });
  const { network } = await loadModelPackage(directory);
  const drawn = twinPixels(
    {
      ...twin,
      laserPeriodPs: prior.laserPeriodFs / 1000,
      gatesFs: prior.gatesFs,
      jitterPs: prior.irfJitterPs,
      tauPs: prior.tauPs,
      mono: prior.mono,
      photons: PHOTONS,
      seed: 4711,
    },
    PIXELS,
  );
  const estimate = networkEstimator(network);
  const posterior = new PosteriorMean(new DecaySource(prior), PHOTONS, SAMPLES, new Random(99, 1));
  const pixels = drawn.filter(({ counts }) => estimate(counts) !== null);
  expect(pixels.length).toBeGreaterThan(0.98 * PIXELS);
  const found = pixels.map(({ counts }) => estimate(counts)!);
  const best = pixels.map(({ counts }) => posterior.of(counts));
  for (const lifetime of ['tauAmplitudePs', 'tauIntensityPs'] as const) {
    const ofNetwork = figuresOf(lifetime, found, pixels);
    const ofBayes = figuresOf(lifetime, best, pixels);
    const ratio = ofNetwork.rmse / ofBayes.rmse;
    console.log(lifetime, `${ratio.toFixed(3)} × Bayes, bias ${ofNetwork.bias.toFixed(0)} ps`);
    expect(ratio).toBeLessThan(1.15);
    // Five standard errors of a mean over these pixels: 20 to 35 ps.
    expect(Math.abs(ofNetwork.bias)).toBeLessThan((5 * ofBayes.rmse) / Math.sqrt(PIXELS));
  }
}

const TIMEOUT = { timeout: 300_000 };

describe('a short training for an instrument never seen', () => {
  it('with a rectangle response of 1.6 ns and 23 % background', TIMEOUT, async () => {
    const instrument =
      '--laser-period-ps 12500 --gates 32 --gate-width-ps 390.625 --irf rectangle:1600 --irf-center-ps 2000 --background 0.18..0.28';
    await expectNearBayesLimit(instrument.split(' '), {
      delayPs: rectangleDelay(2000, 1600),
      background: 0.23,
    });
  });

  it('with bins of 200 ps that do not divide the laser period', TIMEOUT, async () => {
    const instrument =
      '--laser-period-ps 12500 --bins 62 --bin-width-ps 200 --gates 31 --irf gaussian:300 --irf-center-ps 1700 --background 0..0.05';
    const sigmaPs = 300 / (2 * Math.sqrt(2 * Math.log(2)));
    await expectNearBayesLimit(instrument.split(' '), {
      delayPs: (random) => 1700 + sigmaPs * random.normal(),
      background: 0.025,
    });
  });

  it('with a measured response that has a reflection', TIMEOUT, async () => {
    const [channels, channelPs, centerPs] = [500, 20, 1500];
    const response = reflectingResponse(channels, channelPs, centerPs);
    const random = new Random(12);
    const total = response.reduce((sum, value) => sum + value, 0);
    const lines = Array.from(
      response,
      (value, channel) => `${channel * channelPs},${poisson((2e6 * value) / total + 3, random)}`,
    );
    const file = path.join(directory, 'response.csv');
    await writeFile(file, `time_ps,counts\n${lines.join('\n')}\n`);
    const instrument =
      '--laser-period-ps 12500 --bins 256 --bin-width-ps 48.828125 --gates 32 --background 0..0.1';
    await expectNearBayesLimit([...instrument.split(' '), '--irf', file], {
      delayPs: histogramDelay(response, channelPs),
      background: 0.05,
    });
  });
});
