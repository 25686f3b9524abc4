import type { SlowControlStatus } from '../../src/protocol/index.js';

/** What the badge of the slow control says. */
export interface SlowControlWords {
  text: string;
  /** Something is wrong: an alarm, or it is not connected. */
  alarm: boolean;
  /** The whole story. */
  advice: string;
}

const biasWords = { off: 'off', rampingUp: 'ramping up', on: 'on', rampingDown: 'ramping down' } as const;

export function slowControlWords(status: SlowControlStatus): SlowControlWords {
  const { alarms, connected, values, bias, error, port } = status;
  if (alarms.length > 0) {
    const after = 'Remove the cause, acknowledge the alarm, then bring the bias up again.';
    return { text: alarms.join(', '), alarm: true, advice: `Alarm; the bias is taken down. ${after}` };
  }
  if (!connected || !values) {
    const advice = error
      ? [error.message, error.action].filter(Boolean).join('\n')
      : `Connecting to ${port}.`;
    return { text: 'not connected', alarm: error !== null, advice };
  }
  const state = bias === null ? 'unknown' : biasWords[bias];
  return {
    text: `${state} · ${thousandths(values.sensorTemperatureMc)} °C`,
    alarm: false,
    advice: [
      `Bias ${state}: ${thousandths(values.sensorBiasMv)} V, ${thousandths(values.excessVoltageMv)} V beyond breakdown.`,
      `Sensor ${thousandths(values.sensorTemperatureMc)} °C, heat sink ${thousandths(values.heatsinkTemperatureMc)} °C.`,
      `Laser sync ${((values.laserSyncHz ?? 0) / 1e6).toFixed(3)} MHz.`,
    ].join('\n'),
  };
}

/** mV as V, m°C as °C. */
const thousandths = (value: number | undefined): string =>
  value === undefined ? '–' : (value / 1000).toFixed(1).replace('-', '−');
