import { expect, it } from 'vitest';
import type { Decay } from '../../src/client/index.js';
import { DecaySum } from '../../viewer/src/decay-sum.js';

const decay = (...counts: number[]): Decay => ({
  series: 1,
  frame: 0,
  x: 0,
  y: 0,
  width: 1,
  height: 1,
  binWidthPs: 50,
  counts: Uint32Array.from(counts),
  deconvolved: null,
  deconvolvedReason: 'too few',
});

it('sums beyond 32 bits, and begins anew when told to or with other bins', () => {
  const sum = new DecaySum();
  for (let frame = 0; frame < 3; frame++) sum.add(decay(2 ** 32 - 1, frame));
  expect([...sum.sum]).toEqual([3 * (2 ** 32 - 1), 3]);
  expect(sum.frames).toBe(3);
  sum.reset();
  sum.add(decay(5, 6));
  expect([...sum.sum]).toEqual([5, 6]);
  sum.add(decay(1, 2, 3));
  expect([...sum.sum]).toEqual([1, 2, 3]);
  expect(sum.frames).toBe(1);
});
