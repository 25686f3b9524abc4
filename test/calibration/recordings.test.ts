import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { calibrate, type Calibration } from '../../src/calibration/calibrate.js';
import { readDecayFile } from '../../src/recording/recorded-decay.js';
import { measuredIrf } from '../../src/training/measured-irf.js';
import { readNpz } from '../../src/recording/npz.js';
import { recordingOf } from '../support/photon-twin.js';

const data = path.resolve(import.meta.dirname, '../../../shared/data');
const file = (...names: string[]): string => path.join(data, ...names);
function missing(folder: string): boolean {
  if (existsSync(file(folder))) return false;
  console.log(`skipped: the recording ${folder} is not at ${file(folder)}`);
  return true;
}

describe.skipIf(missing('cells-sdt'))('calibrating with the recording cells-sdt', () => {
  let found: Calibration;
  beforeAll(async () => {
    const recording = await readDecayFile(file('cells-sdt', 'tcspc.sdt.zip'));
    found = calibrate(recording, { laserPeriodPs: 13157.895, response: 'better', window: null });
  });

  it('finds the response where the reference has it: 2.79 ns, 0.26 ns wide', () => {
    expect(found.response).toBe('gaussian');
    expect(Math.abs(found.estimates.irfCenterPs.value - 2790)).toBeLessThan(60);
    expect(Math.abs(found.estimates.irfWidthPs.value - 260)).toBeLessThan(80);
  });

  it('finds lifetimes like its two species, and says that no model fits 55 million photons', () => {
    expect(found.components).toBe(2);
    expect(Math.abs(found.estimates.tausPs[0]!.value - 1203)).toBeLessThan(240);
    expect(Math.abs(found.estimates.tausPs[1]!.value - 2993)).toBeLessThan(300);
    expect(found.reducedChi2).toBeGreaterThan(10);
    expect(found.estimates.irfCenterPs.confidence).toBe('rough');
  });

  it('sees that the edge wanders with the brightness, and proposes a jitter that covers it', () => {
    const bright = found.regions.find(({ name }) => name === 'brightness 8 of 8')!;
    // README: the nuclei, the brightest, lie up to two bins of 48.8 ps after the bright cytoplasm.
    expect(bright.shiftPs).toBeGreaterThan(30);
    expect(Math.min(...found.regions.map(({ shiftPs }) => shiftPs))).toBeLessThan(-20);
    expect(Number(found.flags.irfJitterPs)).toBeGreaterThanOrEqual(50);
    expect(Number(found.flags.irfJitterPs)).toBeLessThanOrEqual(120);
  });

  it('leaves the ramps of the converter out of the window', () => {
    const [first, end] = found.flags.window.split('..').map(Number) as [number, number];
    expect(first).toBeGreaterThanOrEqual(31);
    expect(end).toBeLessThanOrEqual(243);
  });

  it('estimates its laser period, which the file does not hold, as 13 to 14.5 ns', async () => {
    const recording = await readDecayFile(file('cells-sdt', 'tcspc.sdt.zip'));
    const { estimates } = calibrate(recording, { laserPeriodPs: null, response: 'gaussian', window: null });
    expect(Math.abs(estimates.laserPeriodPs.value - 13_158)).toBeLessThan(
      3 * estimates.laserPeriodPs.standardError!,
    );
    expect(estimates.laserPeriodPs.standardError!).toBeLessThan(1000);
    expect(estimates.laserPeriodPs.confidence).toBe('rough');
  });
});

describe.skipIf(missing('yeast-nadh'))('calibrating with the recording yeast-nadh', () => {
  it('finds its measured response 48 ps too early', async () => {
    const { irf, channel_width_ps: channel } = await readNpz(file('yeast-nadh', 'irf_measured_4096.npz'));
    const { decay, bin_width_ps: bin } = await readNpz(file('yeast-nadh', 'sum_decay.npz'));
    const response = measuredIrf(recordingOf(Float64Array.from(irf!.data), channel!.data[0]!), 400);
    expect(Math.abs(response.shape.fwhmPs - 94)).toBeLessThan(3);
    const found = calibrate(recordingOf(Float64Array.from(decay!.data), bin!.data[0]!), {
      laserPeriodPs: 12_500,
      response,
      window: { first: 10, end: 240 },
    });
    expect(Math.abs(found.shift!.value - 48)).toBeLessThan(5);
    expect(found.components).toBe(2);
    expect(Math.abs(found.estimates.tausPs[0]!.value - 340)).toBeLessThan(34);
    expect(Math.abs(found.estimates.tausPs[1]!.value - 2628)).toBeLessThan(263);
  });
});

describe.skipIf(missing('flimlib-decay'))('calibrating with the recording flimlib-decay', () => {
  const numbers = async (name: string): Promise<Float64Array> => {
    const text = await readFile(file('flimlib-decay', name), 'utf8');
    // The first line is the number of bins.
    return Float64Array.from(text.trim().split(/\s+/).slice(1), Number);
  };

  it('agrees with the independent maximum likelihood fit of the tail to 0.1 %', async () => {
    const binWidthPs = 58.628749;
    const response = measuredIrf(recordingOf(await numbers('prompt.dat'), binWidthPs, 40 * binWidthPs));
    const { estimates, components, reducedChi2 } = calibrate(
      recordingOf(await numbers('data.dat'), binWidthPs),
      {
        laserPeriodPs: 49_240,
        response,
        window: { first: 49, end: 230 },
      },
    );
    expect(components).toBe(2);
    expect(reducedChi2).toBeCloseTo(1.209, 1);
    const relative = (value: number, reference: number): number => Math.abs(value / reference - 1);
    expect(relative(estimates.tausPs[0]!.value, 779.8)).toBeLessThan(1e-3);
    expect(relative(estimates.tausPs[1]!.value, 2841.9)).toBeLessThan(1e-3);
    expect(relative(estimates.backgroundPerBin.value, 100.46)).toBeLessThan(1e-3);
    expect(relative(estimates.meanLifetimeAmplitudePs.value, 2051.8)).toBeLessThan(1e-3);
    expect(relative(estimates.meanLifetimeIntensityPs.value, 2541.6)).toBeLessThan(1e-3);
    expect(estimates.irfCenterPs.confidence).toBe('not determined');
  });
});
