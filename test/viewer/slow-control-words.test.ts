import { describe, expect, it } from 'vitest';
import type { SlowControlStatus } from '../../src/protocol/stream.js';
import { slowControlWords } from '../../viewer/src/slow-control-words.js';

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
    heatsinkTemperatureMc: 31_000,
    laserSyncHz: 80_000_000,
  },
  limits: null,
  alarms: [],
  error: null,
  line: { requests: 1, retries: 0, timeouts: 0, strayAnswers: 0, framesInvalid: 0 },
};

describe('the badge of the slow control', () => {
  it('tells bias and temperature, and more to who points at it', () => {
    const { text, alarm, advice } = slowControlWords(connected);
    expect([text, alarm]).toEqual(['on · −5.0 °C', false]);
    expect(advice).toContain('22.9 V, 3.0 V beyond breakdown');
    expect(advice).toContain('80.000 MHz');
  });

  it('tells alarms before anything else', () => {
    const alarms = ['interlock', 'slowControlLost'];
    const words = slowControlWords({ ...connected, connected: false, values: null, alarms });
    expect(words).toMatchObject({ text: 'interlock, slowControlLost', alarm: true });
  });

  it('tells why it is not connected', () => {
    const error = { code: 'FLIMD_E_LINK_OPEN' as const, message: 'no such port', action: 'check the cable' };
    const words = slowControlWords({ ...connected, connected: false, bias: null, values: null, error });
    expect(words).toEqual({ text: 'not connected', alarm: true, advice: 'no such port\ncheck the cable' });
    expect(slowControlWords({ ...connected, connected: false, values: null }).alarm).toBe(false);
  });
});
