import { describe, expect, it } from 'vitest';
import type { MeasuredShape } from '../../src/training/irf.js';
import { checkOptions, photonFeatureRange, type TrainingOptions } from '../../src/training/options.js';
import {
  evenGates,
  isIrfFile,
  parseGateSpec,
  parseIrf,
  parseRange,
  parseSpecies,
} from '../../src/training/option-text.js';
import { testOptions, testPrior } from './test-prior.js';

describe('options as text', () => {
  it('are read', () => {
    expect(parseRange('--photons', '20..5000')).toEqual([20, 5000]);
    expect(parseRange('--background', '0.1')).toEqual([0.1, 0.1]);
    expect(parseIrf('--irf', 'gaussian:200')).toEqual({ kind: 'gaussian', fwhmPs: 200 });
    expect(parseIrf('--irf', 'rectangle:1600')).toEqual({ kind: 'rectangle', widthPs: 1600 });
    expect(parseSpecies('--species-ns', '1..1.5,2.5..3', 0.8)).toEqual({
      tau1Ps: [1000, 1500],
      tau2Ps: [2500, 3000],
      share: 0.8,
    });
    expect(evenGates(2, 390.625, 100)).toEqual([
      [100_000, 490_625],
      [490_625, 881_250],
    ]);
  });

  it('name a file where they are no formula', () => {
    expect(['response.csv', 'C:\\irf.sdt', 'gaussian.csv'].map(isIrfFile)).toEqual([true, true, true]);
    expect(['gaussian:200', 'rectangle:1', 'gaussian'].map(isIrfFile)).toEqual([false, false, false]);
  });

  it('lay runs of bins out as gates', () => {
    expect(parseGateSpec('--gates-spec', '4..8/2,10..13/1', 50)).toEqual([
      [200_000, 300_000],
      [300_000, 400_000],
      [500_000, 650_000],
    ]);
  });

  it.each([
    () => parseRange('--photons', '20..'),
    () => parseRange('--photons', '1..2..3'),
    () => parseRange('--photons', 'many'),
    () => parseIrf('--irf', 'gaussian'),
    () => parseIrf('--irf', 'triangle:20'),
    () => parseGateSpec('--gates-spec', '4..9/2', 50),
    () => parseGateSpec('--gates-spec', '9..4/1', 50),
    () => parseGateSpec('--gates-spec', 'all', 50),
    () => parseSpecies('--species-ns', '1..2', 0.8),
  ])('are refused where they make no sense (%#)', (parse) => {
    expect(parse).toThrow(expect.objectContaining({ code: 'FLIMD_E_CONFIG' }));
  });
});

describe('the photon feature of a range', () => {
  it('is that of its ends', () => {
    expect(photonFeatureRange([32, 2 ** 18])).toEqual([-640, 1024]);
    expect(photonFeatureRange([1024, 1536])).toEqual([0, 64]);
  });
});

describe('checking options', () => {
  it('passes what can be trained', () => {
    expect(() => checkOptions(testOptions({}))).not.toThrow();
  });

  /** A measured response with a reflection so much later. */
  const reflecting = (latePs: number): MeasuredShape => ({
    kind: 'measured',
    offsetsPs: [0, latePs],
    weights: [0.9, 0.1],
    fwhmPs: 80,
    source: { name: 'response.csv', sha256: '' },
  });
  it('passes a measured response with a reflection inside the period', () => {
    expect(() => checkOptions(testOptions({ prior: testPrior({ irf: reflecting(5000) }) }))).not.toThrow();
  });

  const overlapping = [
    [0, 2000],
    [1000, 3000],
  ] as const;
  const broken: [string, Partial<TrainingOptions>][] = [
    ['--name', { name: 'a/b' }],
    ['--laser-period-ps', { prior: testPrior({ laserPeriodFs: 0 }) }],
    ['the number of gates', { prior: testPrior({ gatesFs: evenGates(257, 40, 0) }) }],
    ['a gate (fs)', { prior: testPrior({ gatesFs: overlapping }) }],
    ['the window of the gates (ps)', { prior: testPrior({ gatesFs: evenGates(17, 781.25, 0) }) }],
    ['--irf', { prior: testPrior({ irf: { kind: 'gaussian', fwhmPs: 0 } }) }],
    ['--irf', { prior: testPrior({ irf: reflecting(20_000) }) }],
    ['--irf-center-ps', { prior: testPrior({ irfCenterPs: 1e9 }) }],
    ['--irf-jitter-ps', { prior: testPrior({ irfJitterPs: -1 }) }],
    ['--irf-width-jitter', { prior: testPrior({ irfWidthJitter: 1 }) }],
    ['--background', { prior: testPrior({ background: [0.1, 0] }) }],
    ['--dark-photons', { prior: testPrior({ darkPhotons: [-1, 0] }) }],
    ['--tau-ns', { prior: testPrior({ tauPs: [0, 4000] }) }],
    [
      '--species-ns',
      { prior: testPrior({ species: { tau1Ps: [100, 200], tau2Ps: [3000, 3000], share: 1 } }) },
    ],
    ['--mono', { prior: testPrior({ mono: 1.1 }) }],
    ['--photons', { photons: [0, 100] }],
    ['--photon-weight', { photonWeightExponent: -1 }],
    ['--hidden', { hidden: 30 }],
    ['--hidden', { hidden: 68 }],
    ['--head', { head: 0 }],
    ['--batch', { batch: 0 }],
    ['--seed', { seed: 0.5 }],
    ['--learning-rate', { learningRate: 1 }],
    ['--threads', { threads: 0 }],
    ['--steps, --minutes', { steps: null, minutes: null }],
    ['--steps, --minutes', { steps: 10, minutes: 1 }],
  ];
  it.each(broken)('refuses a bad %s with its value and what is expected', (name, change) => {
    expect(() => checkOptions(testOptions(change))).toThrow(
      expect.objectContaining({
        code: 'FLIMD_E_CONFIG',
        message: expect.stringContaining(`${name} is `),
        details: expect.objectContaining({ expected: expect.any(String) }),
      }),
    );
  });
});
