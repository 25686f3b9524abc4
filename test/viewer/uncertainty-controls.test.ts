import { expect, it } from 'vitest';
import { withEnd } from '../../viewer/src/uncertainty-controls.js';

it('the ends of the error range stay in order, a per cent apart, and not below 0', () => {
  const range = { min: 5, max: 30 };
  expect(withEnd(range, 'min', 12)).toEqual({ min: 12, max: 30 });
  expect(withEnd(range, 'min', 30)).toEqual({ min: 29, max: 30 });
  expect(withEnd(range, 'min', -3)).toEqual({ min: 0, max: 30 });
  expect(withEnd(range, 'max', 80)).toEqual({ min: 5, max: 80 });
  expect(withEnd(range, 'max', 2)).toEqual({ min: 5, max: 6 });
});
