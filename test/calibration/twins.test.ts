import { describe, expect, it } from 'vitest';
import { calibrate, type Calibration, type CalibrationOptions } from '../../src/calibration/calibrate.js';
import type { Estimate } from '../../src/calibration/verdict.js';
import { measuredIrf } from '../../src/training/measured-irf.js';
import {
  gaussianDelay,
  histogramDelay,
  rectangleDelay,
  recordingOf,
  reflectingResponse,
  type Twin,
  twinRecording,
} from '../support/photon-twin.js';

const options: CalibrationOptions = { laserPeriodPs: 12_500, response: 'better', window: null };

/** 12.5 ns in 256 bins, a Gaussian of 200 ps, two lifetimes. */
const plain: Twin = {
  photons: 400_000,
  laserPeriodPs: 12_500,
  bins: 256,
  binWidthPs: 48.828125,
  delayPs: gaussianDelay(1500, 200),
  tausPs: [700, 2800],
  fraction: 0.35,
  background: 0.03,
};

const rectangular: Twin = {
  ...plain,
  delayPs: rectangleDelay(2000, 1600),
  tausPs: [2500],
  fraction: 1,
  background: 0.23,
};

/** 62 whole bins of 200 ps in 12.5 ns: the last 100 ps of the period are not recorded. */
const indivisible: Twin = { ...rectangular, bins: 62, binWidthPs: 200 };

function within3(estimate: Estimate, truth: number, mostError: number): void {
  const { value, standardError: error } = estimate;
  expect(error).not.toBeNull();
  expect(Math.abs(value - truth)).toBeLessThan(3 * error!);
  // An error so large that everything agrees would say nothing.
  expect(error!).toBeLessThan(mostError);
}

describe('calibrating a twin', () => {
  it('finds a Gaussian response, two lifetimes and the background', () => {
    const found = calibrate(twinRecording(plain), options);
    expect(found).toMatchObject({ response: 'gaussian', components: 2, photons: 400_000 });
    expect(found.reducedChi2).toBeLessThan(1.3);
    const { estimates: e } = found;
    within3(e.irfCenterPs, 1500, 3);
    within3(e.irfWidthPs, 200, 8);
    within3(e.backgroundShare, 0.03, 0.01);
    within3(e.tausPs[0]!, 700, 60);
    within3(e.tausPs[1]!, 2800, 100);
    within3(e.fraction!, 0.35, 0.03);
    within3(e.meanLifetimeIntensityPs, 0.35 * 700 + 0.65 * 2800, 60);
    within3(e.meanLifetimeAmplitudePs, 1 / (0.35 / 700 + 0.65 / 2800), 60);
    expect(e.irfCenterPs.confidence).toBe('sure');
    expect(e.laserPeriodPs).toMatchObject({ value: 12_500, confidence: 'given' });
  });

  it('joins bins that are finer than anything to be told, and still speaks of the bins of the detector', () => {
    const fine = { ...plain, bins: 4096, binWidthPs: 12_500 / 4096 };
    const found = calibrate(twinRecording(fine), { ...options, response: 'gaussian' });
    within3(found.estimates.irfCenterPs, 1500, 3);
    within3(found.estimates.irfWidthPs, 200, 8);
    within3(found.estimates.backgroundPerBin, (0.03 * 400_000) / 4096, 1);
    expect(found.flags).toMatchObject({ bins: '4096', window: '0..4096' });
    expect(Number(found.flags.binWidthPs)).toBeCloseTo(12_500 / 4096, 5);
  });

  it.each([
    { bins: 'of 48.8 ps', twin: rectangular },
    { bins: 'of 200 ps that do not divide the period', twin: indivisible },
  ])('finds a rectangle 1.6 ns wide under much background in bins $bins', ({ twin }) => {
    const found = calibrate(twinRecording(twin), options);
    expect(found).toMatchObject({ response: 'rectangle', components: 1 });
    const { estimates: e } = found;
    within3(e.irfCenterPs, 2000, 6);
    within3(e.irfWidthPs, 1600, 20);
    within3(e.backgroundShare, 0.23, 0.01);
    within3(e.tausPs[0]!, 2500, 40);
    const [low, high] = found.flags.background.split('..').map(Number) as [number, number];
    expect(low).toBeLessThan(0.23);
    expect(high).toBeGreaterThan(0.23);
    expect(found.flags.irf).toMatch(/^rectangle:1[56]\d\d$/);
    expect(found.flags.window).toBe(`0..${twin.bins}`);
  });

  it('moves a measured response with a tail and a reflection to the data', () => {
    const response = reflectingResponse(4096, 12_500 / 4096, 1500);
    const measured = measuredIrf(recordingOf(response, 12_500 / 4096), 400);
    const delay = histogramDelay(response, 12_500 / 4096);
    const twin: Twin = { ...plain, delayPs: (random) => 48 + delay(random) };
    const found = calibrate(twinRecording(twin), { ...options, response: measured });
    expect(found.response).toBe('measured');
    within3(found.shift!, 48, 3);
    within3(found.estimates.meanLifetimeIntensityPs, 0.35 * 700 + 0.65 * 2800, 60);
    expect(found.estimates.irfWidthPs.confidence).toBe('given');
    expect(found.flags).toMatchObject({
      irfWidthJitter: '0',
      irfCenterPs: expect.stringMatching(/^15[45]\d$/),
    });
    expect(found.flags.irf).toBeUndefined();
    // Without its reflection and tail a formula cannot describe this decay.
    expect(calibrate(twinRecording(twin), options).reducedChi2).toBeGreaterThan(2 * found.reducedChi2);
  });

  it('finds the laser period where the window shows the pulse before, and gives its error', () => {
    const twin: Twin = {
      ...plain,
      photons: 2_000_000,
      bins: 240,
      tausPs: [2500],
      fraction: 1,
      background: 0.01,
    };
    const found = calibrate(twinRecording(twin), { ...options, laserPeriodPs: null });
    within3(found.estimates.laserPeriodPs, 12_500, 200);
    within3(found.estimates.irfCenterPs, 1500, 2);
    expect(found.notes.join()).toContain('look it up');
  });

  it('has standard errors as large as its estimates scatter', () => {
    const truths: [(found: Calibration) => Estimate, number][] = [
      [({ estimates }) => estimates.irfCenterPs, 2000],
      [({ estimates }) => estimates.irfWidthPs, 1600],
      [({ estimates }) => estimates.backgroundShare, 0.23],
      [({ estimates }) => estimates.tausPs[0]!, 2500],
    ];
    const draws = 24;
    const squares = truths.map(() => 0);
    for (let seed = 1; seed <= draws; seed++) {
      const twin = { ...indivisible, photons: 40_000, seed };
      const found = calibrate(twinRecording(twin), { ...options, response: 'rectangle' });
      truths.forEach(([estimate, truth], i) => {
        const { value, standardError: error } = estimate(found);
        squares[i]! += ((value - truth) / error!) ** 2 / draws;
      });
    }
    // Mean square of 24 standard normals: 1 ± 0.29.
    for (const square of squares) {
      expect(square).toBeGreaterThan(0.35);
      expect(square).toBeLessThan(2);
    }
  });
});

describe('a calibration is refused', () => {
  const refused = (change: () => unknown, code: string, message: string): void => {
    expect(change).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  };

  it('without a laser period where nothing tells it', () => {
    // All light of a pulse is gone before the next.
    const twin: Twin = {
      ...plain,
      laserPeriodPs: 50_000,
      bins: 256,
      tausPs: [900],
      fraction: 1,
      background: 0.02,
    };
    refused(
      () => calibrate(twinRecording(twin), { ...options, laserPeriodPs: null }),
      'FLIMD_E_CONFIG',
      'laser period is not given',
    );
  });

  it('without a laser period where the window holds several pulses; given it, one period is used', () => {
    const once = twinRecording(plain).counts;
    const thrice = recordingOf(Float64Array.from([...once, ...once, ...once]), plain.binWidthPs);
    refused(
      () => calibrate(thrice, { ...options, laserPeriodPs: null }),
      'FLIMD_E_CONFIG',
      'laser period is not given',
    );
    const found = calibrate(thrice, { ...options, response: 'gaussian' });
    expect(found.used).toEqual({ first: 0, end: 256 });
    within3(found.estimates.irfCenterPs, 1500, 3);
  });

  it('with too few photons, scaled or normalised counts, or times of other bins', () => {
    const counts = twinRecording({ ...plain, photons: 20_000 }).counts;
    const of =
      (changed: Float64Array, startPs = 0) =>
      () =>
        calibrate(recordingOf(changed, 48.828125, startPs), options);
    refused(of(counts.map((n) => Math.floor(n / 40))), 'FLIMD_E_RECORDING', 'too few photons');
    refused(of(counts.map((n) => 4 * n)), 'FLIMD_E_RECORDING', 'steps of 4');
    refused(of(counts.map((n) => n / 20_000)), 'FLIMD_E_RECORDING', 'does not hold photon counts');
    refused(of(counts, 24.4), 'FLIMD_E_RECORDING', 'no whole number of bins');
    refused(of(counts.slice(0, 12)), 'FLIMD_E_RECORDING', 'too few usable bins');
  });
});
