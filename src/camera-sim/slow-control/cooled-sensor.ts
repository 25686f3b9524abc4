/** All in °C, W and s; the figures of a small one-stage Peltier cooler on a finned heat sink. */
const AMBIENT_C = 25;
const HEATSINK_C_PER_W = 1.6;
const HEATSINK_TIME_S = 40;
const SENSOR_TIME_S = 8;
/** How far one watt takes the sensor below the heat sink. */
const COOLING_C_PER_W = 4.5;
const MAX_COOLER_W = 12;
const GAIN_W_PER_C = 0.6;
const RESET_TIME_S = 10;
/** Heat of the readout, as a rise of the sensor. */
const READOUT_RISE_C = 3;

/** Sensor, heat sink and the loop of the cooler between them. */
export class CooledSensor {
  sensorC = AMBIENT_C;
  heatsinkC = AMBIENT_C;
  powerW = 0;
  private integralW = 0;

  advance(seconds: number, setpointC: number): void {
    this.regulate(seconds, setpointC);
    const heatsinkGoal = AMBIENT_C + HEATSINK_C_PER_W * this.powerW;
    this.heatsinkC += ((heatsinkGoal - this.heatsinkC) * seconds) / HEATSINK_TIME_S;
    const sensorGoal = this.heatsinkC + READOUT_RISE_C - COOLING_C_PER_W * this.powerW;
    this.sensorC += ((sensorGoal - this.sensorC) * seconds) / SENSOR_TIME_S;
  }

  /** A PI controller that does not wind up at its limits. */
  private regulate(seconds: number, setpointC: number): void {
    const tooWarm = this.sensorC - setpointC;
    const power = GAIN_W_PER_C * tooWarm + this.integralW;
    this.powerW = Math.min(MAX_COOLER_W, Math.max(0, power));
    if (power === this.powerW) this.integralW += (GAIN_W_PER_C * tooWarm * seconds) / RESET_TIME_S;
  }
}
