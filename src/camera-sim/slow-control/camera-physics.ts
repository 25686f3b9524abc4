import { type Random } from '../../random/random.js';
import {
  alarmBit,
  type BiasState,
  biasStates,
  type SlowControlAlarm,
  type SlowControlLimits,
  type SlowControlSetpoint,
  type SlowControlValues,
} from '../../protocol/slow-control.js';
import { NOMINAL_EXCESS_MV, NOMINAL_SENSOR_C } from '../sensor-response.js';
import { BiasSupply } from './bias-supply.js';
import { CooledSensor } from './cooled-sensor.js';

/** Breakdown of the sensor at 20 °C and how it moves. */
const BREAKDOWN_MV = 20_000;
const BREAKDOWN_MV_PER_C = 20;
/** Dark current of the array for each volt of excess. */
const CURRENT_UA_PER_MV = 0.05;
const MAX_CURRENT_UA = 2000;
const MAX_SENSOR_C = 45;
const MAX_HEATSINK_C = 75;
const STEP_MS = 10;
/** Longest stretch that is computed step by step; a process that slept longer did not age meanwhile. */
const MAX_STRETCH_MS = 10_000;

export const simulatedLimits: SlowControlLimits = {
  excessVoltageSetpointMv: [0, 6000],
  biasRampMvPerS: [100, 100_000],
  coolerSetpointMc: [-20_000, 30_000],
  gateDelayPs: [0, 50_000],
  hostTimeoutMs: [0, 600_000],
};

const initialSetpoints: Record<SlowControlSetpoint, number> = {
  excessVoltageSetpointMv: NOMINAL_EXCESS_MV,
  biasRampMvPerS: 10_000,
  coolerSetpointMc: NOMINAL_SENSOR_C * 1000,
  gateDelayPs: 1500,
  hostTimeoutMs: 0,
};

/** Everything behind the slow control of a camera, as time goes by. */
export class CameraPhysics {
  readonly setpoints = { ...initialSetpoints };
  readonly supply = new BiasSupply();
  private readonly sensor = new CooledSensor();
  private readonly causes = new Set<SlowControlAlarm>();
  private latched = 0;
  private at: number;
  private heardAt: number;

  constructor(
    private readonly laserHz: number,
    private readonly random: Random,
    nowMs: number,
  ) {
    this.at = nowMs;
    this.heardAt = nowMs;
  }

  get alarms(): number {
    return this.latched;
  }

  /** A sound request came: the host is alive. */
  heard(nowMs: number): void {
    this.heardAt = nowMs;
  }

  /** Something breaks, such as the laser; it shows in what is measured, and from there in the alarms. */
  breakDown(cause: SlowControlAlarm): void {
    this.causes.add(cause);
  }

  repair(cause: SlowControlAlarm): void {
    this.causes.delete(cause);
  }

  /** Clears the alarms; one whose cause remains is there again at once. */
  acknowledge(): void {
    this.latched = 0;
    this.heardAt = this.at;
    this.raiseAlarms();
  }

  advance(nowMs: number): void {
    this.at = Math.max(this.at, nowMs - MAX_STRETCH_MS);
    while (this.at + STEP_MS <= nowMs) {
      this.at += STEP_MS;
      const seconds = STEP_MS / 1000;
      this.sensor.advance(seconds, this.setpoints.coolerSetpointMc / 1000);
      const goalMv = this.breakdownMv + this.setpoints.excessVoltageSetpointMv;
      this.supply.advance(seconds, goalMv, this.setpoints.biasRampMvPerS);
      this.raiseAlarms();
    }
  }

  /** As it is, without the noise of a converter. */
  sensorNow(): { biasMv: number; excessMv: number; sensorC: number } {
    const { voltageMv } = this.supply;
    return { biasMv: voltageMv, excessMv: voltageMv - this.breakdownMv, sensorC: this.sensor.sensorC };
  }

  /** What the converters of the camera read, with their noise. */
  measure(): SlowControlValues {
    const { supply, sensor, setpoints } = this;
    const noise = (spread: number): number => (this.random.uniform() - 0.5) * spread;
    const measured = {
      sensorBiasMv: Math.max(0, supply.voltageMv + (supply.voltageMv > 0 ? noise(8) : 0)),
      excessVoltageMv: supply.voltageMv - this.breakdownMv,
      biasCurrentUa: this.currentUa,
      biasState: biasStates.indexOf(supply.state satisfies BiasState),
      sensorTemperatureMc: sensor.sensorC * 1000 + noise(20),
      heatsinkTemperatureMc: this.heatsinkC * 1000 + noise(100),
      coolerPowerMw: sensor.powerW * 1000,
      laserSyncHz: this.laserSyncHz === 0 ? 0 : this.laserSyncHz + noise(20),
      alarms: this.latched,
    };
    const rounded = Object.entries(measured).map(([name, value]) => [name, Math.round(value)]);
    return { ...(Object.fromEntries(rounded) as typeof measured), ...setpoints };
  }

  private get breakdownMv(): number {
    return BREAKDOWN_MV + BREAKDOWN_MV_PER_C * (this.sensor.sensorC - 20);
  }

  private get currentUa(): number {
    if (this.causes.has('overCurrent') && this.supply.voltageMv > 0) return 2 * MAX_CURRENT_UA;
    return CURRENT_UA_PER_MV * Math.max(0, this.supply.voltageMv - this.breakdownMv);
  }

  private get heatsinkC(): number {
    return this.sensor.heatsinkC + (this.causes.has('overTemperature') ? MAX_HEATSINK_C : 0);
  }

  private get laserSyncHz(): number {
    return this.causes.has('laserSyncLost') ? 0 : this.laserHz;
  }

  private raiseAlarms(): void {
    const { supply } = this;
    const up = supply.state !== 'off';
    const silentMs = this.at - this.heardAt;
    const { hostTimeoutMs } = this.setpoints;
    if (this.heatsinkC > MAX_HEATSINK_C || this.sensor.sensorC > MAX_SENSOR_C) this.latch('overTemperature');
    if (up && this.laserSyncHz === 0) this.latch('laserSyncLost');
    if (this.currentUa > MAX_CURRENT_UA) this.latch('overCurrent', () => supply.cut());
    if (this.causes.has('interlock')) this.latch('interlock', () => supply.cut());
    if (up && hostTimeoutMs > 0 && silentMs > hostTimeoutMs) this.latch('hostSilent', () => supply.off());
  }

  /** `itself` is what the camera does without waiting for the host. */
  private latch(alarm: SlowControlAlarm, itself: () => void = () => {}): void {
    this.latched |= alarmBit(alarm);
    itself();
  }
}
