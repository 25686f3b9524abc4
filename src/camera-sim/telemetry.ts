import { DeviceClock, TICK_HZ } from './device-time.js';
import type { RegisterFile } from './register-file.js';
import type { BiasedSensor } from './slow-control/biased-sensor.js';

const AMBIENT_C = 24;
const SELF_HEATING_C = 11;
const HEATING_TIME_S = 90;
const BIAS_MILLIVOLT = 24_500;
/** Breakdown voltage drifts with temperature; the bias supply follows it. */
const BIAS_MILLIVOLT_PER_C = 28;

/** The sensors of the device: a chip that warms up after power-on, its bias, and the photon rates of the last frame. */
export class TelemetrySensors {
  private photonRateHz = 0;
  private peakPixelRateHz = 0;

  constructor(
    private readonly clock: DeviceClock,
    private readonly laserPeriodFs: number,
    /** Where the camera has a slow control: then both tell of one sensor. */
    private readonly sensor: BiasedSensor | null = null,
  ) {}

  /** Photons of a frame, of its brightest pixel, and the time in which they were counted. */
  measured(photons: number, peak: number, milliseconds: number): void {
    this.photonRateHz = (photons * 1000) / milliseconds;
    this.peakPixelRateHz = (peak * 1000) / milliseconds;
  }

  connect(registers: RegisterFile): void {
    const word = (value: number): number => Math.min(Math.round(value), 0xffff_ffff);
    registers.live('temperatureMilliC', () => this.temperatureMilliC());
    registers.live('biasMillivolt', () => this.biasMillivolt());
    registers.live('photonRateHz', () => word(this.photonRateHz));
    registers.live('peakPixelRateHz', () => word(this.peakPixelRateHz));
    registers.live('laserRateHz', () => this.laserRateHz());
  }

  temperatureMilliC(): number {
    return Math.round(this.temperatureC() * 1000);
  }

  biasMillivolt(): number {
    if (this.sensor) return Math.round(this.sensor.biasMv);
    return Math.round(BIAS_MILLIVOLT + BIAS_MILLIVOLT_PER_C * (this.temperatureC() - AMBIENT_C));
  }

  laserRateHz(): number {
    return Math.min(Math.round(1e15 / this.laserPeriodFs), 0xffff_ffff);
  }

  private temperatureC(): number {
    if (this.sensor) return this.sensor.temperatureC;
    const seconds = this.clock.ticks() / TICK_HZ;
    const warmedUp = 1 - Math.exp(-seconds / HEATING_TIME_S);
    return AMBIENT_C + SELF_HEATING_C * warmedUp + 0.15 * Math.sin(seconds / 7);
  }
}
