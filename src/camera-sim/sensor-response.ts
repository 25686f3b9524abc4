/** How many counts the sensor makes, as multiples of those at its nominal bias and temperature. */
export interface SensorResponse {
  /** Of the light that falls on it. */
  detection: number;
  /** Of its own dark counts. */
  dark: number;
}

/** What the sensor does while the camera takes a frame; the same object as long as nothing changes. */
export type SensorState = () => SensorResponse;

/** Without a slow control the sensor is always in its nominal state. */
export const nominalResponse: SensorResponse = { detection: 1, dark: 1 };

/** The nominal state: the set-points with which a virtual camera begins. */
export const NOMINAL_EXCESS_MV = 3000;
export const NOMINAL_SENSOR_C = 15;

/** Excess voltage at which 63 % of the carriers that could start an avalanche do. */
const TRIGGER_MV = 2000;
/** Thermal generation of dark counts in silicon doubles about every 8 °C. */
const DARK_DOUBLING_C = 8;

/** Probability that a carrier starts an avalanche; below breakdown none does. */
const triggering = (excessMv: number): number => 1 - Math.exp(-Math.max(0, excessMv) / TRIGGER_MV);

/**
 * The response of the sensor at an excess voltage and a temperature: photons and dark counts alike need an avalanche,
 * and dark counts need heat. Nothing is counted below breakdown.
 */
export function sensorResponse(excessMv: number, sensorC: number): SensorResponse {
  const detection = triggering(excessMv) / triggering(NOMINAL_EXCESS_MV);
  return { detection, dark: detection * 2 ** ((sensorC - NOMINAL_SENSOR_C) / DARK_DOUBLING_C) };
}
