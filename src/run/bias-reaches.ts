import { alarmError, notConnected } from '../camera/slow-control/alarm-errors.js';
import { biasStateOf } from '../camera/slow-control/bias-watch.js';
import type { PolledSlowControl } from '../camera/slow-control/polled-slow-control.js';
import { FlimdError } from '../protocol/errors.js';

const LOOK_MS = 20;

/**
 * Resolves when the bias is on, or off.
 * @throws FlimdError FLIMD_E_ALARM and FLIMD_E_LINK_LOST where it will not be; FLIMD_E_LINK_TIMEOUT
 */
export async function biasReaches(
  goal: 'on' | 'off',
  { polled, alarms }: { polled: Pick<PolledSlowControl, 'control' | 'values' | 'error'>; alarms(): string[] },
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!polled.values || biasStateOf(polled.values) !== goal) {
    // On its way down no alarm matters: it is the way to safety.
    if (goal === 'on' && alarms().length > 0) throw alarmError(alarms());
    if (!polled.control) throw notConnected('slowControl.port', polled.error?.message);
    if (performance.now() > deadline) throw notReached(goal, timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function notReached(goal: 'on' | 'off', timeoutMs: number): FlimdError {
  return new FlimdError('FLIMD_E_LINK_TIMEOUT', `the bias is not ${goal} in time`, {
    value: `${Math.round(timeoutMs)} ms`,
    expected: 'the time that biasRampMvPerS says, and half as much again',
    action: 'look at the bias supply of the camera',
  });
}
