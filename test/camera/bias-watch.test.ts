import { describe, expect, it } from 'vitest';
import { BiasWatch, isBiasUp, rampTimeMs } from '../../src/camera/slow-control/bias-watch.js';
import {
  biasStates,
  type BiasState,
  slowControlChannels,
  type SlowControlValues,
} from '../../src/protocol/slow-control.js';

const zeros = Object.fromEntries(slowControlChannels.map(({ name }) => [name, 0])) as SlowControlValues;

/** Breakdown at 20 V, set-point 3 V, ramps of 10 V/s. */
function values(bias: BiasState, sensorBiasMv: number, changes: Partial<SlowControlValues> = {}) {
  return {
    ...zeros,
    biasState: biasStates.indexOf(bias),
    sensorBiasMv,
    excessVoltageMv: sensorBiasMv - 20_000,
    excessVoltageSetpointMv: 3000,
    biasRampMvPerS: 10_000,
    ...changes,
  };
}

describe('the watch over the bias', () => {
  it('gives a ramp half as much time again, and two seconds', () => {
    expect(rampTimeMs(values('off', 0), 'on')).toBe(1.5 * 2300 + 2000);
    expect(rampTimeMs(values('on', 23_000), 'off')).toBe(1.5 * 2300 + 2000);
  });

  it('raises an alarm for a ramp that does not arrive, once', () => {
    const watch = new BiasWatch();
    watch.expect('on', values('off', 0), 0);
    expect(watch.check(values('rampingUp', 9000), 5449)).toBeNull();
    expect(watch.check(values('rampingUp', 9000), 5451)).toBe('biasRampStalled');
    expect(watch.check(values('rampingUp', 9000), 9000)).toBeNull();
    watch.expect('off', values('on', 23_000), 10_000);
    expect(watch.check(values('on', 23_000), 15_451)).toBe('biasRampStalled');
  });

  it('has nothing against a ramp that arrives, nor after something else has taken over', () => {
    const watch = new BiasWatch();
    watch.expect('on', values('off', 0), 0);
    expect(watch.check(values('on', 23_000), 6000)).toBeNull();
    watch.expect('on', values('off', 0), 0);
    watch.forget();
    expect(watch.check(values('off', 0), 60_000)).toBeNull();
  });

  it('raises an alarm for a voltage beyond the set-point, but not while it comes down to a new one', () => {
    const watch = new BiasWatch();
    expect(watch.check(values('on', 23_290), 0)).toBeNull();
    expect(watch.check(values('on', 23_400), 0)).toBe('biasOvershoot');
    const lower = { excessVoltageSetpointMv: 1000 };
    watch.expect('on', values('on', 23_000, lower), 0);
    expect(watch.check(values('on', 22_500, lower), 100)).toBeNull();
    expect(watch.check(values('on', 22_500, lower), 2301)).toBeNull();
    expect(watch.check(values('on', 22_500, lower), 2302)).toBe('biasOvershoot');
  });

  it('counts a state that it does not know as up', () => {
    expect(isBiasUp(values('off', 0))).toBe(false);
    expect(isBiasUp({ ...values('off', 0), biasState: 17 })).toBe(true);
  });
});
