import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/client/backoff.js';
import { ClockEstimator } from '../../src/client/clock.js';
import { FramePeriod, liveness, type FreshnessInput } from '../../src/client/freshness.js';

describe('ClockEstimator', () => {
  /** Asks at `sentAt`; the daemon's clock is 5000 ms ahead. */
  const ask = (clock: ClockEstimator, sentAt: number, thereMs: number, backMs: number) =>
    clock.add(sentAt, sentAt + thereMs + 5000, sentAt + thereMs + backMs);

  it('believes the shortest round trip, and is off by at most half of it', () => {
    const clock = new ClockEstimator();
    ask(clock, 0, 90, 10);
    ask(clock, 1000, 3, 1);
    ask(clock, 2000, 5, 200);
    expect(clock.mapping!.roundTripMs).toBe(4);
    expect(Math.abs(clock.mapping!.offsetMs - 5000)).toBeLessThanOrEqual(2);
  });

  it('forgets old samples, so that it follows a clock that was set', () => {
    const clock = new ClockEstimator(3);
    clock.add(0, 100_000, 1);
    for (let i = 1; i <= 3; i++) ask(clock, 1000 * i, 4, 4);
    expect(clock.mapping!.offsetMs).toBe(5000);
  });

  it('knows nothing before the first answer and after a reset', () => {
    const clock = new ClockEstimator();
    expect(clock.mapping).toBeNull();
    ask(clock, 0, 1, 1);
    clock.reset();
    expect(clock.mapping).toBeNull();
  });
});

describe('backoffMs', () => {
  const options = { initialMs: 250, maxMs: 5000 };

  it('doubles up to the limit', () => {
    const longest = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, options, () => 1));
    expect(longest).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  it('spreads over the upper half of the delay', () => {
    expect(backoffMs(2, options, () => 0)).toBe(500);
    expect(backoffMs(2, options, () => 0.5)).toBe(750);
  });
});

describe('liveness', () => {
  /** Frames every two seconds. */
  const slow = (silentMs: number, ageMs: number): Partial<FreshnessInput> => ({
    framePeriodMs: 2000,
    newest: { silentMs, ageMs },
  });
  const live: FreshnessInput = {
    connected: true,
    runState: 'acquiring',
    running: true,
    newest: { silentMs: 40, ageMs: 60 },
    framePeriodMs: 50,
  };

  it.each<[string, Partial<FreshnessInput>, ReturnType<typeof liveness>]>([
    ['frames arrive', {}, 'live'],
    ['none came for a second', { newest: { silentMs: 1001, ageMs: 1010 } }, 'stale'],
    ['slow ones may stay away for three periods', slow(5900, 5900), 'live'],
    ['and no more', slow(6100, 6100), 'stale'],
    ['a partial one was waited for', { newest: { silentMs: 10, ageMs: 1100 } }, 'live'],
    ['they come, but late', { newest: { silentMs: 10, ageMs: 3001 } }, 'stale'],
    ['slow ones come late', slow(100, 18_100), 'stale'],
    ['the period is not known yet', { framePeriodMs: null, newest: { silentMs: 1001, ageMs: 0 } }, 'stale'],
    ['the connection is gone, however fresh the frame', { connected: false }, 'disconnected'],
    ['the daemon has lost the camera', { runState: 'disconnected' }, 'disconnected'],
    ['the series has ended', { running: false }, 'stopped'],
    ['the first frame has not come', { newest: null }, 'waiting'],
  ])('%s', (_, change, expected) => {
    expect(liveness({ ...live, ...change })).toBe(expected);
  });

  it('takes the median period: one late frame does not move it', () => {
    const period = new FramePeriod();
    for (const at of [0, 100, 200, 1900, 2000, 2100]) period.add(at);
    expect(period.medianMs).toBe(100);
  });
});
