import {
  type BiasState,
  hostAlarms,
  slowControlAlarms,
  type SlowControlStatus,
} from '../../src/protocol/index.js';

/** What the panel of the slow control reads, each in its unit. */
export interface SlowControlReadouts {
  bias: string;
  excess: string;
  sensor: string;
  cooler: string;
  laser: string;
  gateDelay: string;
}

const NOTHING = '–';
const nothing: SlowControlReadouts = {
  bias: NOTHING,
  excess: NOTHING,
  sensor: NOTHING,
  cooler: NOTHING,
  laser: NOTHING,
  gateDelay: NOTHING,
};

const biasWords: Readonly<Record<BiasState, string>> = {
  off: 'off',
  rampingUp: '▲ ramping up',
  on: 'on',
  rampingDown: '▼ ramping down',
};

/** null: the daemon is out of reach. */
export function slowControlReadouts(status: SlowControlStatus | null): SlowControlReadouts {
  if (!status) return nothing;
  const { values, bias } = status;
  if (!values) return { ...nothing, bias: 'not connected' };
  const volts = thousandths(values['sensorBiasMv'], 1);
  return {
    bias: `${bias === null ? 'unknown' : biasWords[bias]} · ${volts} V`,
    excess: `${thousandths(values['excessVoltageMv'], 2)} V`,
    sensor: `${thousandths(values['sensorTemperatureMc'], 1)} °C`,
    cooler: `${thousandths(values['coolerPowerMw'], 1)} W → ${thousandths(values['coolerSetpointMc'], 1)} °C`,
    laser: laserWords(values['laserSyncHz']),
    gateDelay: `${(values['gateDelayPs'] ?? 0).toLocaleString('en-US')} ps`,
  };
}

function laserWords(hz: number | undefined): string {
  if (hz === undefined) return NOTHING;
  return hz === 0 ? 'no sync' : `${(hz / 1e6).toFixed(3)} MHz`;
}

/** mV as V, m°C as °C. */
export const thousandths = (value: number | undefined, digits: number): string =>
  value === undefined ? NOTHING : (value / 1000).toFixed(digits).replace('-', '−');

const meanings = new Map<string, string>(
  [...slowControlAlarms, ...hostAlarms].map(({ name, meaning }) => [name, meaning]),
);

/** `laserSyncLost` as `laser sync lost`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The alarms with what they mean; null where none is latched. */
export function alarmWords(alarms: readonly string[]): string | null {
  if (alarms.length === 0) return null;
  return alarms
    .map((name) => `${spaced(name)}: ${meanings.get(name) ?? 'not known to this viewer'}`)
    .join('; ');
}

/** Why it does not answer; null where it does. */
export function troubleWords({ connected, error, port }: SlowControlStatus): string | null {
  if (connected) return null;
  return error ? [error.message, error.action].filter(Boolean).join('; ') : `connecting to ${port}`;
}

export type BiasDirection = 'up' | 'down';

/** What will happen to the bias, for whoever is about to let it. */
export function biasQuestion(
  direction: BiasDirection,
  values: NonNullable<SlowControlStatus['values']>,
  running: boolean,
): string {
  const { sensorBiasMv = 0, excessVoltageMv = 0, excessVoltageSetpointMv = 0, biasRampMvPerS = 1 } = values;
  const goalMv = direction === 'up' ? sensorBiasMv - excessVoltageMv + excessVoltageSetpointMv : 0;
  const seconds = Math.abs(goalMv - sensorBiasMv) / Math.max(1, biasRampMvPerS);
  const way = `From ${thousandths(sensorBiasMv, 1)} V ${direction} to ${thousandths(goalMv, 1)} V`;
  const time = `in about ${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s.`;
  if (direction === 'up')
    return `${way}, ${thousandths(excessVoltageSetpointMv, 2)} V beyond breakdown, ${time}`;
  return `${way} ${time}${running ? ' The run goes on, and sees nothing.' : ''}`;
}
