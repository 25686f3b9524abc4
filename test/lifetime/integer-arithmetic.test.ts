import { describe, expect, it } from 'vitest';
import {
  gateFeature,
  mulhrs,
  photonFeature,
  reciprocal,
  roundShift,
  sat16,
  sat8,
  sigmoid,
  stateOperand,
  tanh,
} from '../../src/lifetime/integer-arithmetic.js';

const everyInt16 = Array.from({ length: 65536 }, (_, i) => i - 32768);

describe('rounding and saturation', () => {
  it('rounds half up', () => {
    const halves: [number, number, number][] = [
      [5, 1, 3],
      [-5, 1, -2],
      [6, 2, 2],
      [-6, 2, -1],
      [7, 3, 1],
      [-4, 3, 0],
      [-5, 3, -1],
    ];
    for (const [accumulator, shift, expected] of halves)
      expect(roundShift(accumulator, shift)).toBe(expected);
    expect(roundShift(8388607, 24)).toBe(0);
    expect(roundShift(8388608, 24)).toBe(1);
  });

  it('saturates', () => {
    expect([40000, 32767, -32768, -40000].map(sat16)).toEqual([32767, 32767, -32768, -32768]);
    expect([200, 127, -128, -129].map(sat8)).toEqual([127, 127, -128, -128]);
  });

  it('multiplies Q15 numbers as pmulhrsw does', () => {
    expect(mulhrs(16384, 16384)).toBe(8192);
    expect(mulhrs(32767, 32767)).toBe(32766);
    expect(mulhrs(-32768, 32767)).toBe(-32767);
    expect(mulhrs(1, 16384)).toBe(1);
    expect(mulhrs(-1, 16384)).toBe(0);
  });

  it('takes the state to Q7', () => {
    expect([0, 127, 128, -128, -129, 32766, -32766].map(stateOperand)).toEqual([0, 0, 1, 0, -1, 127, -128]);
  });
});

describe('activations', () => {
  it('has the exact values worked out by hand', () => {
    // p = 1.0 in Q12: a = 4096, b = 16383, mulhrs = (268402689 + 16384) >> 15 = 8191, y = 24575 = 0.75 in Q15.
    expect(tanh(4096)).toBe(24575);
    expect(tanh(-4096)).toBe(-24575);
    // p = 1 LSB: b = 32763, mulhrs = (1073414169 + 16384) >> 15 = 32758, y = 8: the slope of Q12 → Q15.
    expect(tanh(1)).toBe(8);
    expect(tanh(0)).toBe(0);
    expect([8191, 32767, -8192, -32768].map(tanh)).toEqual([32766, 32766, -32766, -32766]);
    // p = 2.0: a = 8192, b = 16383, (32766 − 8191) >> 1 = 12287, ½ + 0.375 in Q15.
    expect(sigmoid(8192)).toBe(28671);
    expect(sigmoid(-8192)).toBe(4097);
    expect(sigmoid(0)).toBe(16384);
    expect([16383, 32767, -16384, -32768].map(sigmoid)).toEqual([32767, 32767, 1, 1]);
  });

  it('follows the real functions within 3 LSB everywhere: one is 2 LSB short, and rounding', () => {
    const real = (x: number) => (Math.abs(x) < 2 ? x * (1 - Math.abs(x) / 4) : Math.sign(x));
    for (const p of everyInt16) {
      const x = p / 4096;
      if (Math.abs(tanh(p) - 32768 * real(x)) >= 3) expect.fail(`tanh(${p}) = ${tanh(p)}`);
      if (Math.abs(sigmoid(p) - 32768 * (0.5 + 0.5 * real(x / 2))) >= 3)
        expect.fail(`sigmoid(${p}) = ${sigmoid(p)}`);
    }
  });

  it('are monotonic and symmetric', () => {
    for (const p of everyInt16.slice(1)) {
      if (tanh(p) < tanh(p - 1) || sigmoid(p) < sigmoid(p - 1)) expect.fail(`not monotonic at ${p}`);
      if (p !== 0 && tanh(-p) !== -tanh(p)) expect.fail(`not odd at ${p}`);
      if (p !== 0 && sigmoid(p) + sigmoid(-p) !== 32768) expect.fail(`sigmoid not symmetric at ${p}`);
    }
  });
});

describe('inputs', () => {
  it('has the reciprocals and features worked out by hand', () => {
    expect(reciprocal(1)).toBe(2147483648);
    expect(reciprocal(3)).toBe(715827882);
    // All photons in one gate: share 2^20, feature 1024; a quarter of them: 512.
    expect(gateFeature(1, reciprocal(1))).toBe(1024);
    expect(gateFeature(250, reciprocal(1000))).toBe(511);
    expect(gateFeature(256, reciprocal(1024))).toBe(512);
    expect(gateFeature(0, reciprocal(1024))).toBe(0);
    expect(gateFeature(1 << 20, reciprocal(1 << 20))).toBe(1024);
  });

  it('takes the exact floor of every square root', () => {
    for (let n = 1; n <= 1024; n++) {
      // 2048 makes the share of one count 1 / 2^20 of N = 2^20.
      expect(gateFeature(n * n, 2048)).toBe(n);
      expect(gateFeature(n * n - 1, 2048)).toBe(n - 1);
    }
  });

  it('has the logarithm of the photons', () => {
    const range: [number, number] = [-1280, 1280];
    expect(photonFeature(1024, range)).toBe(0);
    expect(photonFeature(2048, range)).toBe(128);
    expect(photonFeature(1536, range)).toBe(64);
    expect(photonFeature(1, range)).toBe(-1280);
    expect(photonFeature(1 << 20, range)).toBe(1280);
    expect(photonFeature(1, [-640, 1024])).toBe(-640);
    expect(photonFeature(1 << 20, [-640, 1024])).toBe(1024);
  });
});
