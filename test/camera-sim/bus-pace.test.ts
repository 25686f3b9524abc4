import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BusPace } from '../../src/camera-sim/usbip/bus-pace.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A bus of 1000 bytes a millisecond, and what has passed. */
function bus(bytesPerSecond = 1e6) {
  const passed: number[] = [];
  return { passed, pace: new BusPace<number>(bytesPerSecond, (load) => passed.push(load)) };
}

it('lets loads pass in order, and over a second no more than the bus carries', () => {
  const { passed, pace } = bus();
  for (let load = 0; load < 3000; load++) pace.push(load, 500);
  vi.advanceTimersByTime(1000);
  // Half a load for each millisecond, and what it may send at once after having been idle.
  expect(passed.length).toBeGreaterThanOrEqual(2000);
  expect(passed.length).toBeLessThanOrEqual(2012);
  expect(passed).toEqual(Array.from(passed, (_, i) => i));
  vi.advanceTimersByTime(500);
  expect(passed).toHaveLength(3000);
});

it('saves nothing up while it is idle', () => {
  const { passed, pace } = bus();
  vi.advanceTimersByTime(10_000);
  for (let load = 0; load < 100; load++) pace.push(load, 1000);
  expect(passed.length).toBeLessThanOrEqual(6);
});

it('drops what waits when it is cleared, and goes on with what comes then', () => {
  const { passed, pace } = bus();
  for (let load = 0; load < 100; load++) pace.push(load, 1000);
  const before = passed.length;
  pace.clear();
  vi.advanceTimersByTime(1000);
  expect(passed).toHaveLength(before);
  pace.push(1000, 1);
  vi.advanceTimersByTime(1);
  expect(passed.at(-1)).toBe(1000);
});

it('holds nothing up where the rate is unlimited', () => {
  const { passed, pace } = bus(Infinity);
  for (let load = 0; load < 100; load++) pace.push(load, 1e9);
  expect(passed).toHaveLength(100);
});
