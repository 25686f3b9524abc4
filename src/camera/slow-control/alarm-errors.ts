import { FlimdError } from '../../protocol/errors.js';
import { hostAlarms, slowControlAlarms } from '../../protocol/slow-control.js';

const known = new Map<string, { bias: string; meaning: string }>(
  [...slowControlAlarms, ...hostAlarms].map((alarm) => [alarm.name, alarm]),
);

/** What an alarm means to whoever reads it: clients, the log, the one who wanted to start a run. */
export function alarmError(alarms: readonly string[]): FlimdError {
  const meanings = alarms.map((name) => `${name} (${known.get(name)?.meaning ?? 'not known to this flimd'})`);
  const bias = [...new Set(alarms.map((name) => known.get(name)?.bias ?? 'ramped down by the host'))];
  return new FlimdError('FLIMD_E_ALARM', `alarm: ${meanings.join('; ')}`, {
    value: [...alarms],
    expected: 'no alarm',
    action: `the bias is ${bias.join(', ')}; remove the cause, acknowledge the alarm, then bring the bias up again`,
  });
}

export function notConnected(path: string, why: string | undefined): FlimdError {
  return new FlimdError('FLIMD_E_LINK_LOST', `the slow control is not connected${why ? `: ${why}` : ''}`, {
    value: path,
    expected: 'the slow control of the camera, as configured in slowControl.port',
    action: 'check its cable and the camera’s power; it is tried again by itself',
  });
}

export function otherCamera(path: string, found: string, wanted: string): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', 'the slow control is that of another camera', {
    value: `${found} at ${path}`,
    expected: `the slow control of ${wanted}`,
    action: 'correct slowControl.port, or connect the right camera',
  });
}

export function fixedDuringRun(): FlimdError {
  return new FlimdError('FLIMD_E_STATE', 'set-points stay as they are while a run is armed or under way', {
    expected: 'no run',
    action: 'stop or disarm first',
  });
}
