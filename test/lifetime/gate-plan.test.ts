import { describe, expect, it } from 'vitest';
import { type CameraTiming, type ModelTiming, planGates } from '../../src/lifetime/gate-plan.js';
import { FlimdError } from '../../src/protocol/errors.js';

const timing: ModelTiming = {
  laserPeriodFs: 12_500_000,
  gatesFs: Array.from({ length: 32 }, (_, gate) => [gate * 390_625, (gate + 1) * 390_625] as const),
};
const camera: CameraTiming = { bins: 256, binWidthPs: 12500 / 256, laserPeriodPs: 12500 };

function errorOf(run: () => unknown): FlimdError {
  try {
    run();
  } catch (error) {
    if (error instanceof FlimdError) return error;
  }
  throw new Error('no FlimdError was thrown');
}

describe('planGates', () => {
  it('merges eight bins into a gate', () => {
    const plan = planGates(timing, camera);
    expect(plan.bins).toBe(256);
    expect(Array.from(plan.firstBin)).toEqual(Array.from({ length: 32 }, (_, gate) => gate * 8));
    expect(Array.from(plan.endBin)).toEqual(Array.from({ length: 32 }, (_, gate) => gate * 8 + 8));
  });

  it('takes a bin width and a period rounded to whole femtoseconds', () => {
    const plan = planGates(timing, { bins: 256, binWidthPs: 48.828, laserPeriodPs: 12500.001 });
    expect(plan.endBin[31]).toBe(256);
  });

  it('takes gates of uneven width that leave bins out', () => {
    const uneven: ModelTiming = {
      laserPeriodFs: 13_160_000,
      gatesFs: [
        [100_000, 200_000],
        [300_000, 700_000],
      ],
    };
    const plan = planGates(uneven, { bins: 8, binWidthPs: 100, laserPeriodPs: 13160 });
    expect(Array.from(plan.firstBin)).toEqual([1, 3]);
    expect(Array.from(plan.endBin)).toEqual([2, 7]);
  });

  it('refuses a laser of another period', () => {
    const error = errorOf(() => planGates(timing, { ...camera, laserPeriodPs: 12520 }));
    expect(error.code).toBe('FLIMD_E_MODEL_LASER_PERIOD');
    expect(error.details.value).toBe(12520);
    expect(error.details.expected).toContain('12500 ps');
  });

  it('refuses bins that straddle a gate edge', () => {
    const error = errorOf(() => planGates(timing, { ...camera, binWidthPs: 50 }));
    expect(error.code).toBe('FLIMD_E_MODEL_BIN_WIDTH');
    expect(error.message).toContain('gate 0');
    expect(error.details.value).toBe(50);
  });

  it('refuses a bin width that is right for the first gates and drifts off the later ones', () => {
    const drifting = { ...camera, binWidthPs: (12500 / 256) * 1.0001 };
    expect(errorOf(() => planGates(timing, drifting)).message).toMatch(/gate 1[0-9]/);
  });

  it('refuses bins wider than a gate', () => {
    const wide = { bins: 2, binWidthPs: 12500, laserPeriodPs: 12500 };
    const sliver: ModelTiming = { laserPeriodFs: 12_500_000, gatesFs: [[0, 1000]] };
    expect(errorOf(() => planGates(sliver, wide)).code).toBe('FLIMD_E_MODEL_BIN_WIDTH');
  });

  it('refuses a window too short for the last gate', () => {
    const error = errorOf(() => planGates(timing, { ...camera, bins: 248 }));
    expect(error.code).toBe('FLIMD_E_MODEL_GATES');
    expect(error.message).toContain('gate 31');
    expect(error.details.expected).toContain('256');
  });
});
