import {
  biasStates,
  hostAlarms,
  slowControlAlarms,
  type SlowControlName,
  slowControlChannels,
} from '../protocol/slow-control.js';
import type { SlowControlStatus } from '../protocol/stream.js';
import { counter, flag, gauge, labelled, type Metric, oneOf } from './metric.js';

const MILLI = 1e3;
const MICRO = 1e6;
const PICO = 1e12;

/** For each channel with a number: the end of its metric’s name, and how many of its units the base unit has. */
const numbers: Readonly<
  Record<Exclude<SlowControlName, 'biasState' | 'alarms'>, [name: string, perBaseUnit: number]>
> = {
  sensorBiasMv: ['sensor_bias_volts', MILLI],
  excessVoltageMv: ['excess_volts', MILLI],
  biasCurrentUa: ['bias_current_amperes', MICRO],
  sensorTemperatureMc: ['sensor_temperature_celsius', MILLI],
  heatsinkTemperatureMc: ['heatsink_temperature_celsius', MILLI],
  coolerPowerMw: ['cooler_power_watts', MILLI],
  laserSyncHz: ['laser_sync_hertz', 1],
  excessVoltageSetpointMv: ['excess_setpoint_volts', MILLI],
  biasRampMvPerS: ['bias_ramp_volts_per_second', MILLI],
  coolerSetpointMc: ['cooler_setpoint_celsius', MILLI],
  gateDelayPs: ['gate_delay_seconds', PICO],
  hostTimeoutMs: ['host_timeout_seconds', MILLI],
};

const configured = (
  name: Metric['name'],
  help: string,
  of: (slowControl: SlowControlStatus) => number | null,
): Metric => gauge(name, help, ({ status }) => (status.slowControl ? of(status.slowControl) : null));

function channelMetric({ name, meaning, access }: (typeof slowControlChannels)[number]): Metric | null {
  if (name === 'biasState' || name === 'alarms') return null;
  const [end, perBaseUnit] = numbers[name];
  const what = access === 'rw' ? 'Set-point' : 'Reading';
  return configured(`flimd_slow_control_${end}`, `${what} \`${name}\`: ${meaning}.`, ({ values }) => {
    const value = values?.[name];
    return value === undefined ? null : value / perBaseUnit;
  });
}

const alarmNames: string[] = [...slowControlAlarms, ...hostAlarms].map(({ name }) => name);

const lineCounter = (field: keyof SlowControlStatus['line'], end: string, help: string): Metric =>
  counter(`flimd_slow_control_${end}_total`, help, ({ status }) => status.slowControl?.line[field] ?? null);

/** Where a slow control is configured; its readings while it is connected. */
export const slowControlMetrics: readonly Metric[] = [
  configured('flimd_slow_control_connected', '1 while the slow control answers.', ({ connected }) =>
    flag(connected),
  ),
  labelled(
    gauge(
      'flimd_slow_control_bias_state',
      '1 for the state of the bias supply that holds now, 0 for the others.',
      () => null,
    ),
    'state',
    ({ status }) => (status.slowControl?.bias ? oneOf(biasStates, status.slowControl.bias) : null),
  ),
  ...slowControlChannels.map(channelMetric).filter((metric) => metric !== null),
  labelled(
    gauge(
      'flimd_slow_control_alarm',
      '1 for each alarm that is latched, of the camera or of the daemon, 0 for the others.',
      () => null,
    ),
    'alarm',
    ({ status: { slowControl } }) => {
      if (!slowControl) return null;
      const { alarms } = slowControl;
      // One that a newer camera has and this flimd does not know is told all the same.
      const names = new Set([...alarmNames, ...alarms]);
      return [...names].map((name) => [name, flag(alarms.includes(name))]);
    },
  ),
  lineCounter('requests', 'requests', 'Requests on the serial line.'),
  lineCounter('retries', 'retries', 'Requests sent again because no sound answer came in time.'),
  lineCounter('timeouts', 'timeouts', 'Requests given up.'),
  lineCounter('strayAnswers', 'stray_answers', 'Sound answers that came too late, or to nothing.'),
  lineCounter('framesInvalid', 'frames_invalid', 'Stretches of bytes that were no sound frame.'),
];
