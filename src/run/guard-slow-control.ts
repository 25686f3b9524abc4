import { emptyRequestCounters } from '../camera/slow-control/request-line.js';
import { SlowControl } from '../camera/slow-control/slow-control.js';
import type { Config } from '../config/index.js';
import { openSerial } from '../link/index.js';
import { SLOW_CONTROL_BAUD } from '../protocol/slow-control.js';
import { SlowControlGuard, type SlowControlGuardParts } from './slow-control-guard.js';

/** The guard of the configured slow control; null where none is configured. */
export function guardSlowControl(
  { slowControl, reconnect }: Config,
  parts: Omit<SlowControlGuardParts, 'config' | 'reconnect' | 'open' | 'line'>,
): SlowControlGuard | null {
  const { port, requestTimeoutMs, retries } = slowControl;
  if (port === null) return null;
  const limits = { timeoutMs: requestTimeoutMs, retries };
  const target = { path: port, baud: SLOW_CONTROL_BAUD };
  // The line is opened anew after a loss; what it counts goes on.
  const line = emptyRequestCounters();
  return new SlowControlGuard({
    ...parts,
    config: slowControl,
    reconnect,
    line,
    open: (onLost) => SlowControl.open(port, (events) => openSerial(target, events), limits, onLost, line),
  });
}
