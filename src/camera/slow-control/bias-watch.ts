import {
  type BiasState,
  biasStates,
  type HostAlarm,
  type SlowControlValues,
} from '../../protocol/slow-control.js';

/** A ramp may take this many times what its rate says, and this much more: converters and firmware have delays. */
const SLACK = 1.5;
const SLACK_MS = 2000;
/** How far beyond its set-point the excess voltage may be: noise, and a breakdown voltage that moves. */
const OVERSHOOT_MV = 300;

interface Ramp {
  goal: 'on' | 'off';
  deadlineMs: number;
  /** Greatest excess voltage that is right while it lasts: the set-point before, where it goes down. */
  excessMv: number;
}

export const biasStateOf = ({ biasState }: SlowControlValues): BiasState | null =>
  biasStates[biasState] ?? null;

/** Whether there is, or will soon be, a voltage on the sensor. A state that is not known counts as up. */
export const isBiasUp = (values: SlowControlValues): boolean => biasStateOf(values) !== 'off';

/** Time that a ramp from where the bias is may take, ms. */
export function rampTimeMs(values: SlowControlValues, goal: 'on' | 'off'): number {
  const { sensorBiasMv, excessVoltageMv, excessVoltageSetpointMv, biasRampMvPerS } = values;
  const breakdownMv = sensorBiasMv - excessVoltageMv;
  const goalMv = goal === 'on' ? breakdownMv + excessVoltageSetpointMv : 0;
  return (SLACK * 1000 * Math.abs(goalMv - sensorBiasMv)) / Math.max(1, biasRampMvPerS) + SLACK_MS;
}

/** Watches that the bias does what it was told: arrives in time, and does not go beyond. */
export class BiasWatch {
  private ramp: Ramp | null = null;

  /**
   * A ramp is ordered; `values` are from before, but for a set-point that is new.
   * @param excessMv greatest excess voltage on the way; where the ramp goes down, that from which it comes
   */
  expect(
    goal: Ramp['goal'],
    values: SlowControlValues,
    nowMs: number,
    excessMv = values.excessVoltageMv,
  ): void {
    const deadlineMs = nowMs + rampTimeMs(values, goal);
    this.ramp = { goal, deadlineMs, excessMv: Math.max(excessMv, 0) };
  }

  /** Something else has taken over: an alarm, or the loss of the line. */
  forget(): void {
    this.ramp = null;
  }

  check(values: SlowControlValues, nowMs: number): HostAlarm | null {
    const { ramp } = this;
    if (this.isBeyond(values)) return 'biasOvershoot';
    if (!ramp || nowMs < ramp.deadlineMs) return null;
    this.ramp = null;
    return biasStateOf(values) === ramp.goal ? null : 'biasRampStalled';
  }

  private isBeyond(values: SlowControlValues): boolean {
    const allowedMv = Math.max(values.excessVoltageSetpointMv, this.ramp?.excessMv ?? 0);
    return isBiasUp(values) && values.excessVoltageMv > allowedMv + OVERSHOOT_MV;
  }
}
