import { biasStateOf } from '../camera/slow-control/bias-watch.js';
import type { PolledSlowControl } from '../camera/slow-control/polled-slow-control.js';
import type { SlowControlStatus } from '../protocol/stream.js';

export function slowControlStatus(
  port: string,
  { control, values, error }: Pick<PolledSlowControl, 'control' | 'values' | 'error'>,
  alarms: readonly string[],
  line: SlowControlStatus['line'],
): SlowControlStatus {
  return {
    port,
    connected: control !== null,
    serial: control?.identity.serial ?? null,
    firmware: control?.identity.firmware ?? null,
    bias: values && biasStateOf(values),
    values: values && { ...values },
    limits: control && { ...control.limits },
    alarms: [...alarms],
    error,
    line: { ...line },
  };
}
