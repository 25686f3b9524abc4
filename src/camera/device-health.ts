import { FlimdError } from '../protocol/errors.js';
import { DeviceFault, DeviceState } from '../protocol/registers.js';
import type { Registers } from './registers.js';
import { readBlock } from './register-values.js';

export interface DeviceCounters {
  packetsSent: number;
  framesSent: number;
  framesDropped: number;
}

export interface DeviceHealth {
  state: keyof typeof DeviceState;
  fault: keyof typeof DeviceFault;
}

/** What the camera has put on the link in the current or last series. */
export async function readCounters(bus: Registers): Promise<DeviceCounters> {
  const counters = await readBlock(bus, 'counters');
  return {
    packetsSent: counters.number('packetsSent'),
    framesSent: counters.number('framesSent'),
    framesDropped: counters.number('framesDropped'),
  };
}

/** @throws FlimdError FLIMD_E_DEVICE for a state or a fault that this version does not know */
export async function readHealth(bus: Registers): Promise<DeviceHealth> {
  const status = await readBlock(bus, 'status');
  return {
    state: nameOf(DeviceState, status.number('state'), 'state'),
    fault: nameOf(DeviceFault, status.number('fault'), 'fault'),
  };
}

function nameOf<Names extends Record<string, number>>(
  names: Names,
  value: number,
  what: string,
): keyof Names {
  const name = Object.keys(names).find((key) => names[key] === value);
  if (name) return name;
  throw new FlimdError('FLIMD_E_DEVICE', `the camera reports the unknown ${what} ${value}`, {
    value,
    expected: Object.values(names).join(', '),
    action: 'use a camera whose bitstream fits this version of flimd',
  });
}
