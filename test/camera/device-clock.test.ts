import { describe, expect, it } from 'vitest';
import { DeviceClock } from '../../src/camera/device-clock.js';
import { Random } from '../../src/random/random.js';

const TICK_HZ = 1_000_000;

/** A device whose clock stood at 0 at unix 500 ms, behind a link with random delays. */
function clockBehind(random: Random, delaysMs: { to: number; back: number }, driftPpm = 0) {
  const state = { now: 10_000, worstRoundTripMs: 0 };
  const ticksAt = (unixMs: number) => Math.round((unixMs - 500) * (TICK_HZ / 1000) * (1 + driftPpm / 1e6));
  const readTicks = async () => {
    state.now += delaysMs.to * random.uniform();
    const ticks = ticksAt(state.now);
    state.now += delaysMs.back * random.uniform();
    return ticks;
  };
  const clock = new DeviceClock(TICK_HZ, readTicks, { clock: () => state.now });
  return { clock, state, ticksAt };
}

describe('DeviceClock', () => {
  it('knows nothing before its first reading', () => {
    const { clock } = clockBehind(new Random(1), { to: 1, back: 1 });
    expect(clock.toUnixMs(0)).toBeNaN();
    expect(clock.uncertaintyMs()).toBe(Infinity);
  });

  it.each([1, 2, 3, 4, 5])('is right within its uncertainty, whatever the delays (seed %i)', async (seed) => {
    const { clock, ticksAt } = clockBehind(new Random(seed), { to: 40, back: 15 });
    await clock.synchronize(8);
    const error = Math.abs(clock.toUnixMs(ticksAt(20_000)) - 20_000);
    expect(error).toBeLessThanOrEqual(clock.uncertaintyMs());
    expect(clock.uncertaintyMs()).toBeLessThan(27.5);
  });

  it('keeps a good reading through worse ones, until drift may have made it the worse', async () => {
    const random = new Random(6);
    const delays = { to: 0.01, back: 0.01 };
    const { clock, state, ticksAt } = clockBehind(random, delays, 40);
    await clock.synchronize(2);
    const exact = clock.toUnixMs(0);
    Object.assign(delays, { to: 20, back: 20 });
    await clock.synchronize(3);
    expect(clock.toUnixMs(0)).toBe(exact);
    state.now += 3_600_000;
    expect(clock.uncertaintyMs()).toBeGreaterThan(100);
    await clock.synchronize(3);
    expect(clock.uncertaintyMs()).toBeLessThan(20);
    expect(Math.abs(clock.toUnixMs(ticksAt(state.now)) - state.now)).toBeLessThan(21);
  });

  it('counts with the tick rate of the device', async () => {
    const { clock } = clockBehind(new Random(7), { to: 0, back: 0 });
    await clock.synchronize(1);
    expect(clock.toUnixMs(0)).toBeCloseTo(500, 6);
    expect(clock.toUnixMs(2 ** 40)).toBeCloseTo(500 + 2 ** 40 / 1000, 6);
  });
});
