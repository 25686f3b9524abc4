import { SlowControl } from '../camera/slow-control/slow-control.js';
import type { Config } from '../config/index.js';
import { openSerial } from '../link/index.js';
import { SLOW_CONTROL_BAUD } from '../protocol/slow-control.js';
import { SlowControlGuard, type SlowControlGuardParts } from './slow-control-guard.js';

/** The guard of the configured slow control; null where none is configured. */
export function guardSlowControl(
  { slowControl, reconnect }: Config,
  parts: Omit<SlowControlGuardParts, 'config' | 'reconnect' | 'open'>,
): SlowControlGuard | null {
  const { port, requestTimeoutMs, retries } = slowControl;
  if (port === null) return null;
  const limits = { timeoutMs: requestTimeoutMs, retries };
  const target = { path: port, baud: SLOW_CONTROL_BAUD };
  return new SlowControlGuard({
    ...parts,
    config: slowControl,
    reconnect,
    open: (onLost) => SlowControl.open(port, (events) => openSerial(target, events), limits, onLost),
  });
}
