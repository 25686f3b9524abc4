import { describe, expect, it } from 'vitest';
import type { SlowControlStatus } from '../../src/protocol/stream.js';
import {
  alarmWords,
  biasQuestion,
  slowControlReadouts,
  troubleWords,
} from '../../viewer/src/slow-control-words.js';

const connected: SlowControlStatus = {
  port: '/dev/ttyUSB0',
  connected: true,
  serial: 'A1',
  firmware: '1',
  bias: 'on',
  values: {
    sensorBiasMv: 22_940,
    excessVoltageMv: 3000,
    sensorTemperatureMc: -5040,
    coolerPowerMw: 3210,
    coolerSetpointMc: -5000,
    laserSyncHz: 80_000_000,
    gateDelayPs: 12_500,
    excessVoltageSetpointMv: 3000,
    biasRampMvPerS: 10_000,
  },
  limits: null,
  alarms: [],
  error: null,
  line: { requests: 1, retries: 0, timeouts: 0, strayAnswers: 0, framesInvalid: 0 },
};

describe('the readouts of the slow control', () => {
  it('tell each value in its unit', () => {
    expect(slowControlReadouts(connected)).toEqual({
      bias: 'on · 22.9 V',
      excess: '3.00 V',
      sensor: '−5.0 °C',
      cooler: '3.2 W → −5.0 °C',
      laser: '80.000 MHz',
      gateDelay: '12,500 ps',
    });
  });

  it('tell which way the bias moves, and of a laser without sync', () => {
    const values = { ...connected.values, laserSyncHz: 0 };
    expect(slowControlReadouts({ ...connected, values, bias: 'rampingUp' })).toMatchObject({
      bias: '▲ ramping up · 22.9 V',
      laser: 'no sync',
    });
    expect(slowControlReadouts({ ...connected, bias: 'rampingDown' }).bias).toMatch(/^▼ ramping down/);
  });

  it('have no numbers where there are none', () => {
    const away = slowControlReadouts(null);
    expect(new Set(Object.values(away))).toEqual(new Set(['–']));
    const lost = slowControlReadouts({ ...connected, connected: false, values: null, bias: null });
    expect(lost).toEqual({ ...away, bias: 'not connected' });
  });
});

describe('what is wrong', () => {
  it('is said with the meaning of each alarm, also of one that is not known here', () => {
    expect(alarmWords([])).toBeNull();
    expect(alarmWords(['laserSyncLost', 'slowControlLost', 'alarm31'])).toBe(
      'laser sync lost: no sync signal from the laser while the bias is up; ' +
        'slow control lost: the slow control no longer answers, and the bias was up; ' +
        'alarm31: not known to this viewer',
    );
  });

  it('is why it is not connected, with what to do', () => {
    const error = { code: 'FLIMD_E_LINK_OPEN' as const, message: 'no such port', action: 'check the cable' };
    expect(troubleWords(connected)).toBeNull();
    expect(troubleWords({ ...connected, connected: false, error })).toBe('no such port; check the cable');
    expect(troubleWords({ ...connected, connected: false })).toBe('connecting to /dev/ttyUSB0');
  });
});

describe('the question before the bias moves', () => {
  it('says the way, the goal and the time', () => {
    const off = { ...connected.values, sensorBiasMv: 0, excessVoltageMv: -19_940 };
    expect(biasQuestion('up', off, false)).toBe(
      'From 0.0 V up to 22.9 V, 3.00 V beyond breakdown, in about 2.3 s.',
    );
    expect(biasQuestion('down', connected.values!, false)).toBe('From 22.9 V down to 0.0 V in about 2.3 s.');
    expect(biasQuestion('down', { ...connected.values!, biasRampMvPerS: 100 }, true)).toBe(
      'From 22.9 V down to 0.0 V in about 229 s. The run goes on, and sees nothing.',
    );
  });
});
