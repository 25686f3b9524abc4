import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInstrument, withInstrument } from '../../src/cli/instrument-file.js';
import { trainingOptions, type TrainFlags } from '../../src/cli/training-flags.js';
import type { MeasuredShape } from '../../src/training/irf.js';
import { checkOptions } from '../../src/training/options.js';
import { Random } from '../../src/random/random.js';
import { gaussianDelay, histogramDelay, reflectingResponse, twinRecording } from '../support/photon-twin.js';
import { writeSdt } from '../support/sdt-file.js';
import { model } from '../support/run-model.js';

const CHANNEL_PS = 12_500 / 2048;
const twin = {
  photons: 100_000,
  laserPeriodPs: 12_500,
  bins: 256,
  binWidthPs: 48.828125,
  tausPs: [2500],
  background: 0.05,
};
const asText = (counts: Float64Array, stepPs: number): string =>
  `time_ps,counts\n${Array.from(counts, (count, bin) => `${bin * stepPs},${count}`).join('\n')}\n`;

/** What `flimd model train` has when nothing but these is given. */
const defaults: TrainFlags = {
  name: 'twin',
  description: '',
  irfJitterPs: '60',
  background: '0..0.1',
  darkPhotons: '0',
  tauNs: '0.2..5',
  speciesShare: '0.8',
  fraction: 'photons',
  mono: '0.3',
  photons: '20..5000',
  photonWeight: '0.7',
  hidden: '32',
  head: '32',
  bits: '8',
  parameterWeight: '0.05',
  sequenceWeight: '0.2',
  distillOutputs: '0.95',
  distillSequence: '0.95',
  distillBatches: '2000',
  steps: '10',
  batch: '8',
  learningRate: '0.003',
  seed: '1',
  threads: '1',
};

let directory: string;
let decay: string;
let response: string;
let instrument: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flimd-calibrate-'));
  decay = path.join(directory, 'decay.csv');
  response = path.join(directory, 'response.csv');
  instrument = path.join(directory, 'instrument.json');
  const shape = reflectingResponse(2048, CHANNEL_PS, 1500).map((value) => Math.round(20_000 * value + 30));
  await writeFile(response, asText(shape, CHANNEL_PS));
  const ideal = histogramDelay(reflectingResponse(2048, CHANNEL_PS, 1500), CHANNEL_PS);
  const delayPs = (random: Random): number => 90 + ideal(random);
  await writeFile(decay, asText(twinRecording({ ...twin, delayPs }).counts, twin.binWidthPs));
});
afterAll(() => rm(directory, { recursive: true }));

describe('flimd model calibrate', () => {
  it('prints a table with verdicts, and a command line that trains for what it found', async () => {
    const output = await model('calibrate', decay, '--laser-period-ps', '12500', '--irf', response);
    expect(output).toMatch(/response, centre +15[89]\d\.\d +± +[\d.]+ +ps +sure/);
    expect(output).toMatch(/response, moved by +[89]\d\.\d/);
    expect(output).toMatch(/lifetime 1 +2[45]\d\d\.\d/);
    expect(output).toMatch(/laser period +12500\.0 +ps +given/);
    const command = output.trim().split('\n').at(-1)!;
    expect(command).toContain(
      'flimd model train --name NAME --laser-period-ps 12500 --bins 256 --bin-width-ps 48.828125 --window 0..256 --gates 32',
    );
    expect(command).toContain(`--irf ${response} --irf-center-ps 15`);
  });

  it('prints all of it as JSON, and writes what training reads', async () => {
    const args = ['--laser-period-ps', '12500', '--irf', response, '--write', instrument, '--json'];
    const found = JSON.parse(await model('calibrate', decay, ...args)) as Record<string, unknown>;
    expect(found).toMatchObject({
      source: { name: 'decay.csv' },
      response: 'measured',
      components: 1,
      estimates: { laserPeriodPs: { value: 12_500, confidence: 'given' } },
    });
    const flags = withInstrument(defaults, await readInstrument(instrument), []);
    const options = await trainingOptions(flags, await readInstrument(instrument));
    expect(() => checkOptions(options)).not.toThrow();
    const { prior } = options;
    expect(prior.gatesFs).toHaveLength(32);
    expect(prior.irf).toMatchObject({ kind: 'measured', source: { name: 'response.csv' } });
    expect(Math.abs(prior.irfCenterPs - 1590)).toBeLessThan(10);
    expect(prior.irfWidthJitter).toBe(0);
    // The file stands for itself: no path in it leads anywhere.
    expect(await readFile(instrument, 'utf8')).not.toContain(directory);
  });

  it('looks at the parts of an image', async () => {
    const image = path.join(directory, 'image.sdt');
    const [width, height, bins] = [8, 8, 256];
    const counts = new Uint16Array(width * height * bins);
    for (let pixel = 0; pixel < width * height; pixel++) {
      // The lower half of the image is 150 ps late.
      const delayPs = gaussianDelay(pixel < 32 ? 1500 : 1650, 200);
      counts.set(twinRecording({ ...twin, photons: 15_000, delayPs, seed: pixel }).counts, pixel * bins);
    }
    await writeFile(image, writeSdt({ width, height, bins, channels: [counts] }));
    const output = await model('calibrate', image, '--laser-period-ps', '12500', '--irf', 'gaussian');
    expect(output).toMatch(/over the image \(24 regions\) the response lies −[678]\d ps .* to \+[678]\d ps/);
    const jitter = Number(/--irf-jitter-ps (\d+)/.exec(output)![1]);
    expect(jitter).toBeGreaterThanOrEqual(65);
    expect(jitter).toBeLessThanOrEqual(95);
  });

  it.each([
    [['--laser-period-ps', '10'], 'FLIMD_E_CONFIG', '--laser-period-ps is 10'],
    [['--laser-period-ps', '12500', '--irf', '/nonexistent.csv'], 'FLIMD_E_RECORDING', 'cannot read'],
    [['--laser-period-ps', '12500', '--window', '9..300'], 'FLIMD_E_CONFIG', '--window is "9..300"'],
    [['--laser-period-ps', '12500', '--write', '/nonexistent/x.json'], 'FLIMD_E_CONFIG', 'cannot write'],
  ])('refuses %j', async (args, code, message) => {
    await expect(model('calibrate', decay, ...args)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe('flimd model train', () => {
  it('records the shape of a measured response in the package, under the name of its file', async () => {
    const out = path.join(directory, 'package');
    const layout = [
      '--laser-period-ps',
      '12500',
      '--bins',
      '256',
      '--bin-width-ps',
      '48.828125',
      '--gates',
      '8',
    ];
    const tiny = ['--hidden', '4', '--head', '4', '--batch', '8', '--steps', '2'];
    await model('train', '--name', 'tiny', ...layout, '--irf', response, ...tiny, '--out', out);
    const shown = JSON.parse(await model('show', out, '--json')) as {
      training: { options: { prior: { irf: MeasuredShape; irfCenterPs: number } } };
    };
    const { irf, irfCenterPs } = shown.training.options.prior;
    expect(irf.source).toEqual({ name: 'response.csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(irf.weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 9);
    expect(irf.offsetsPs).toHaveLength(irf.weights.length);
    expect(Math.abs(irfCenterPs - 1500)).toBeLessThan(5);
  });
});

describe('the options of an instrument file', () => {
  const flags = {
    laserPeriodPs: '12500',
    bins: '64',
    binWidthPs: '200',
    window: '0..62',
    gates: '31',
    irf: 'rectangle:1600',
    irfCenterPs: '2000',
    irfJitterPs: '100',
    irfWidthJitter: '0.2',
    background: '0.1..0.3',
  };
  const file = { format: 'flimd-instrument', version: 1, source: { name: 'x', sha256: '' }, flags } as const;
  const options = (given: Partial<TrainFlags>, from: Parameters<typeof withInstrument>[1] = file) =>
    trainingOptions(withInstrument({ ...defaults, ...given }, from, Object.keys(given)), from);

  it('stand in for those that are not given', async () => {
    const { prior } = await options({ background: '0.2' });
    expect(prior).toMatchObject({ irfCenterPs: 2000, irfJitterPs: 100, background: [0.2, 0.2] });
    expect(prior.irf).toEqual({ kind: 'rectangle', widthPs: 1600 });
    expect(prior.gatesFs[30]).toEqual([12_000_000, 12_400_000]);
  });

  it('give way to another layout of gates, and to another response', async () => {
    expect((await options({ gatesSpec: '0..60/2' })).prior.gatesFs).toHaveLength(2);
    const other = await options({ irf: response });
    expect(other.prior.irf.kind).toBe('measured');
    expect(Math.abs(other.prior.irfCenterPs - 1500)).toBeLessThan(5);
    expect(other.prior.irfWidthJitter).toBe(0);
    const formula = await options({ irf: 'gaussian:300' });
    expect(formula.prior).toMatchObject({ irf: { fwhmPs: 300 }, irfCenterPs: 2000, irfWidthJitter: 0.2 });
  });

  it.each([
    ['no such thing', 'JSON'],
    [JSON.stringify({ ...file, format: 'other' }), 'format'],
    [JSON.stringify({ ...file, flags: { ...flags, window: 3 } }), 'flags.window'],
    [JSON.stringify({ ...file, measuredIrf: { kind: 'measured' } }), 'measuredIrf.weights'],
  ])('are refused where the file is broken (%#)', async (text, problem) => {
    const broken = path.join(directory, 'broken.json');
    await writeFile(broken, text);
    await expect(readInstrument(broken)).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      message: expect.stringContaining(problem),
    });
  });

  it('that name a broken response are told with its line', async () => {
    const bad = path.join(directory, 'bad.csv');
    await writeFile(bad, '0,1\n1,-2\n2,3\n3,4\n');
    await expect(options({ irf: bad })).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING',
      message: expect.stringContaining('line 2 has a negative count'),
    });
  });
});
