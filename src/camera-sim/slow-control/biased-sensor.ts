import type { DeviceTime } from '../device-time.js';
import { nominalResponse, sensorResponse, type SensorResponse } from '../sensor-response.js';
import type { CameraPhysics } from './camera-physics.js';

/** Steps in which the response follows: finer ones would be lost in the photon noise. */
const EXCESS_STEP_MV = 1;
const TEMPERATURE_STEP_C = 0.1;

const inSteps = (value: number, step: number): number => Math.round(value / step);

/** What the pixels of a virtual camera see of its slow control: the bias on them, and how warm they are. */
export class BiasedSensor {
  #response = nominalResponse;
  #excessSteps = NaN;
  #temperatureSteps = NaN;

  constructor(
    private readonly physics: CameraPhysics,
    private readonly time: DeviceTime,
  ) {}

  get biasMv(): number {
    return this.#now().biasMv;
  }

  get temperatureC(): number {
    return this.#now().sensorC;
  }

  /** The same object until the next step: at rest a frame depends on its number and on nothing else. */
  response(): SensorResponse {
    const { excessMv, sensorC } = this.#now();
    const excessSteps = inSteps(excessMv, EXCESS_STEP_MV);
    const temperatureSteps = inSteps(sensorC, TEMPERATURE_STEP_C);
    if (excessSteps !== this.#excessSteps || temperatureSteps !== this.#temperatureSteps) {
      this.#excessSteps = excessSteps;
      this.#temperatureSteps = temperatureSteps;
      this.#response = sensorResponse(excessSteps * EXCESS_STEP_MV, temperatureSteps * TEMPERATURE_STEP_C);
    }
    return this.#response;
  }

  #now(): ReturnType<CameraPhysics['sensorNow']> {
    this.physics.advance(this.time.nowMs());
    return this.physics.sensorNow();
  }
}
