import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { SlowControlPort, type SlowControlPortOptions } from '../../src/camera-sim/pty/slow-control-port.js';
import { SlowControl } from '../../src/camera/slow-control/slow-control.js';
import type { FlimdError } from '../../src/protocol/errors.js';
import { openSerial } from '../../src/link/serial.js';
import { SLOW_CONTROL_BAUD } from '../../src/protocol/slow-control.js';

/** A path where a serial port may appear; gone when the test is over. */
export function serialPath(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-serial-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'slow-control');
}

/** The slow control of a virtual camera behind a real pseudo-terminal. */
export function slowControlPort(
  changes: Partial<SlowControlPortOptions> = {},
  at = serialPath(),
): SlowControlPort {
  const port = SlowControlPort.open(at, {
    serial: 'SIM-00000001',
    firmware: '1.2.3',
    laserHz: 80_000_000,
    seed: 7,
    ...changes,
  });
  onTestFinished(() => port.close());
  return port;
}

export interface Opened {
  control: SlowControl;
  lost: FlimdError[];
}

export const quick = { timeoutMs: 100, retries: 8 };

/** A client of it over the real package serialport. */
export async function openSlowControl(at: string, limits = quick): Promise<Opened> {
  const lost: FlimdError[] = [];
  const control = await SlowControl.open(
    at,
    (events) => openSerial({ path: at, baud: SLOW_CONTROL_BAUD }, events),
    limits,
    (error) => lost.push(error),
  );
  onTestFinished(() => control.close());
  return { control, lost };
}

/** Asks again and again until it is so; the time limit is the test's. */
export async function until<T>(look: () => Promise<T> | T, so: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (so(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
