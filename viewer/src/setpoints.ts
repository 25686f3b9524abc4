import type { SlowControlChange, SlowControlStatus } from '../../src/protocol/index.js';

type SetpointName = keyof SlowControlChange;

/** A set-point as it is typed. */
export interface Setpoint {
  name: SetpointName;
  label: string;
  unit: string;
  /** Of the camera's units in one typed. */
  unitValue: number;
}

export const setpoints: readonly Setpoint[] = [
  { name: 'excessVoltageSetpointMv', label: 'Excess voltage', unit: 'V', unitValue: 1000 },
  { name: 'biasRampMvPerS', label: 'Bias ramp', unit: 'V/s', unitValue: 1000 },
  { name: 'coolerSetpointMc', label: 'Sensor temperature', unit: '°C', unitValue: 1000 },
  { name: 'gateDelayPs', label: 'Gate delay', unit: 'ps', unitValue: 1 },
];

/** With all its digits: what is shown and not changed is not sent. */
export const typed = (value: number, { unitValue }: Setpoint): string => String(value / unitValue);

/** `0 to 6 V`, as the camera says. */
export const limitWords = ([least, most]: readonly [number, number], { unitValue, unit }: Setpoint): string =>
  `${least / unitValue} to ${most / unitValue} ${unit}`.replaceAll('-', '−');

/**
 * What of the typed texts is another value than the camera has, in its units; a text that is no number within the
 * limits is told of instead.
 */
export function setpointChanges(
  texts: Readonly<Record<string, string>>,
  { values, limits }: Pick<SlowControlStatus, 'values' | 'limits'>,
): { change: SlowControlChange; wrong: SetpointName[] } {
  const change: SlowControlChange = {};
  const wrong: SetpointName[] = [];
  for (const setpoint of setpoints) {
    const { name, unitValue } = setpoint;
    const text = texts[name]?.trim() ?? '';
    if (text === typed(values?.[name] ?? NaN, setpoint)) continue;
    const value = text === '' ? NaN : Math.round(Number(text.replace('−', '-')) * unitValue);
    const [least, most] = limits?.[name] ?? [-Infinity, Infinity];
    if (value >= least && value <= most) change[name] = value;
    else wrong.push(name);
  }
  return { change, wrong };
}
