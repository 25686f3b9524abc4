import { describe, expect, it } from 'vitest';
import { SeriesNumbers } from '../../src/run/series.js';

describe('SeriesNumbers', () => {
  it('follow the clock and never repeat within a second', () => {
    let now = 1_000_000;
    const numbers = new SeriesNumbers(() => now);
    expect([numbers.next(), numbers.next(), numbers.next()]).toEqual([1000, 1001, 1002]);
    now = 2_000_000;
    expect(numbers.next()).toBe(2000);
    now = 1_500_000;
    expect(numbers.next()).toBe(2001);
  });

  it('skip 0, which means "no series"', () => {
    const numbers = new SeriesNumbers(() => 0xffff_ffff * 1000);
    expect([numbers.next(), numbers.next()]).toEqual([0xffff_ffff, 1]);
  });
});
