import { describe, expect, it } from 'vitest';
import { RecentRate, RecentValues } from '../../src/run/recent.js';

describe('RecentValues', () => {
  it('knows nothing before the first value', () => {
    expect(new RecentValues(4).percentile(0.5)).toBeNull();
  });

  it('gives nearest-rank percentiles of the last values only', () => {
    const recent = new RecentValues(100);
    for (let value = 1000; value > 0; value--) recent.add(value);
    expect(recent.percentile(0.5)).toBe(50);
    expect(recent.percentile(0.99)).toBe(99);
    expect(recent.percentile(1)).toBe(100);
    expect(recent.percentile(0)).toBe(1);
  });
});

describe('RecentRate', () => {
  it('counts intervals, not events, and forgets', () => {
    let now = 0;
    const rate = new RecentRate(1000, () => now);
    for (; now <= 500; now += 50) rate.add(7);
    expect(rate.read().eventsPerSecond).toBeCloseTo(20);
    expect(rate.read().quantityPerSecond).toBeCloseTo(140);
    now = 2000;
    expect(rate.read()).toEqual({ eventsPerSecond: 0, quantityPerSecond: 0 });
  });
});
