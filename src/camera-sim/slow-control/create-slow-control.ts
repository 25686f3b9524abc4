import { Random } from '../../random/random.js';
import { version } from '../../version.js';
import { monotonicTime } from '../device-time.js';
import type { SimOptions } from '../options.js';
import type { SlowControlPortOptions } from '../pty/slow-control-port.js';
import { serialOf } from '../serial-number.js';
import { BiasedSensor } from './biased-sensor.js';
import { CameraPhysics } from './camera-physics.js';
import type { SlowControlFaults } from './line-faults.js';

const DEFAULT_LASER_PERIOD_PS = 12_500;
const PS_PER_S = 1e12;
const RANDOM_STREAM = 0xb1a5;

export interface VirtualSlowControl {
  /** For the serial port. */
  port: SlowControlPortOptions;
  /** For the pixels. */
  sensor: BiasedSensor;
}

/** One bias, one temperature: what the slow control of the virtual camera tells, and what its pixels see. */
export function createSlowControl(options: SimOptions, faults: SlowControlFaults): VirtualSlowControl {
  const { seed, laserPeriodPs } = options;
  const laserHz = Math.round(PS_PER_S / (laserPeriodPs ?? DEFAULT_LASER_PERIOD_PS));
  const physics = new CameraPhysics(laserHz, new Random(seed, RANDOM_STREAM), monotonicTime.nowMs());
  return {
    port: { serial: serialOf(options), firmware: version, laserHz, seed, faults, physics },
    sensor: new BiasedSensor(physics, monotonicTime),
  };
}
