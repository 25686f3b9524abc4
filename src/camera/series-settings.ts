import { FlimdError } from '../protocol/errors.js';
import { DeviceOutput, HistogramSource, register, type RegisterName } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import type { Registers } from './registers.js';

export interface ArmSettings {
  /** Series number, not 0. */
  series: number;
  /** Bit mask of DeviceOutput. */
  output: number;
  /** Frames to acquire; 0 = until stopped. */
  frameLimit: number;
  /** Time between frame starts, µs; 0 = as fast as it can. Without it the camera keeps its own. */
  framePeriodUs?: number;
  rowsPerPacket?: number;
  /** Not below the limit of the camera's own model. */
  minPhotons?: number;
  /** Frames from the sensor, or those that `inject` brings. Without it the camera keeps what it has. */
  histogramSource?: keyof typeof HistogramSource;
}

/** Writes what is given of the settings; the camera keeps the rest. @throws FlimdError FLIMD_E_LINK_REFUSED */
export async function writeSettings(bus: Registers, settings: ArmSettings): Promise<void> {
  const { series, output, frameLimit, framePeriodUs, rowsPerPacket, minPhotons, histogramSource } = settings;
  const values: Partial<Record<RegisterName, number>> = {
    series,
    output,
    frameLimit,
    framePeriodUs,
    rowsPerPacket,
    minPhotons,
    histogramSource: histogramSource && HistogramSource[histogramSource],
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) await bus.write(register(name as RegisterName).address, [value]);
  }
}

/** @throws FlimdError FLIMD_E_CAPABILITY where the camera does not offer all of `output`, a mask of DeviceOutput */
export function checkOutput(output: number, { outputs }: Pick<CameraDescription, 'outputs'>): void {
  const names = Object.keys(DeviceOutput) as (keyof typeof DeviceOutput)[];
  const missing = names.filter((name) => (output & DeviceOutput[name]) !== 0 && !outputs.includes(name));
  if (missing.length === 0) return;
  throw new FlimdError('FLIMD_E_CAPABILITY', `this camera cannot send ${missing.join(' and ')}`, {
    value: missing,
    expected: outputs.join(' and '),
    action: missing.includes('lifetimes')
      ? 'let the host compute lifetimes: --lifetime host'
      : 'let the camera compute lifetimes: --lifetime device',
  });
}
