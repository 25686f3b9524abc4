import { describe, expect, it } from 'vitest';
import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import { DimmedSource } from '../../src/camera-sim/dimmed-source.js';
import { FrameRenderer, type PhotonSource } from '../../src/camera-sim/frame-renderer.js';
import { defaultSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import {
  nominalResponse,
  type SensorResponse,
  sensorResponse,
} from '../../src/camera-sim/sensor-response.js';
import { BiasedSensor } from '../../src/camera-sim/slow-control/biased-sensor.js';
import { CameraPhysics } from '../../src/camera-sim/slow-control/camera-physics.js';
import { Random } from '../../src/random/random.js';
import { equal } from './host.js';

const sceneOf = (changes: Partial<SimOptions> = {}) =>
  createSceneSource({ ...defaultSimOptions(), width: 48, height: 40, photons: 300, ...changes });

function exposed(source: PhotonSource, frame: number, response?: SensorResponse): Uint16Array {
  const histograms = new Uint16Array(source.width * source.height * source.bins);
  const tally = { total: 0, peak: 0 };
  source.begin(frame, response);
  for (let row = 0; row < source.height; row += 7) {
    source.expose(row, Math.min(7, source.height - row), histograms, tally);
  }
  expect(tally.total).toBe(sum(histograms));
  return histograms;
}

const sum = (counts: Uint16Array): number => counts.reduce((total, count) => total + count, 0);

describe('the response of the sensor', () => {
  it('is exactly 1 in the nominal state, and nothing below breakdown', () => {
    expect(sensorResponse(3000, 15)).toEqual(nominalResponse);
    expect(sensorResponse(0, 15)).toEqual({ detection: 0, dark: 0 });
    expect(sensorResponse(-19_900, 40)).toEqual({ detection: 0, dark: 0 });
  });

  it('rises with the excess voltage, ever less, and with heat only in the dark counts', () => {
    const detections = [500, 1500, 3000, 4500, 6000].map((mv) => sensorResponse(mv, 15).detection);
    const steps = detections.slice(1).map((each, i) => each - detections[i]!);
    expect(steps.every((step) => step > 0)).toBe(true);
    // 1 − exp(−Vex / 2 V), over its value at 3 V.
    expect(detections[4]).toBeCloseTo(1.223, 3);
    expect(detections[0]).toBeCloseTo(0.2847, 4);
    expect(sensorResponse(3000, 23)).toEqual({ detection: 1, dark: 2 });
    expect(sensorResponse(3000, -1).dark).toBe(0.25);
  });
});

describe('the built-in scene under a sensor', () => {
  it('has the same bits in the nominal state as without a slow control', () => {
    const plain = exposed(sceneOf(), 3);
    expect(equal(exposed(sceneOf(), 3, sensorResponse(3000, 15)), plain)).toBe(true);
    expect(sum(plain)).toBeGreaterThan(100_000);
  });

  it('is dark below breakdown, and scales with the detection above', () => {
    expect(sum(exposed(sceneOf(), 3, sensorResponse(-100, 15)))).toBe(0);
    const bright = sum(exposed(sceneOf({ darkCounts: 0 }), 3));
    const dim = sum(exposed(sceneOf({ darkCounts: 0 }), 3, { detection: 0.4, dark: 0.4 }));
    // Poisson: five standard deviations.
    expect(Math.abs(dim - 0.4 * bright)).toBeLessThan(5 * Math.sqrt(dim + 0.16 * bright));
  });

  it('has dark counts that follow heat while the light stays', () => {
    const light = { photons: 0.01, darkCounts: 20 };
    const cold = sum(exposed(sceneOf(light), 3));
    const warm = sum(exposed(sceneOf(light), 3, sensorResponse(3000, 31)));
    expect(Math.abs(warm - 4 * cold)).toBeLessThan(5 * Math.sqrt(warm + 16 * cold));
  });

  it('is the same again for the same seed, frame and response', () => {
    const response = sensorResponse(2200, 18);
    expect(equal(exposed(sceneOf(), 5, response), exposed(sceneOf(), 5, response))).toBe(true);
    expect(equal(exposed(sceneOf(), 5, response), exposed(sceneOf({ seed: 2 }), 5, response))).toBe(false);
  });
});

describe('a recording under a sensor', () => {
  const recorded = (): PhotonSource => sceneOf({ seed: 9 });

  it('stays as it is where the sensor detects as much, or more', () => {
    const plain = exposed(recorded(), 2);
    const source = new DimmedSource(recorded(), 1);
    expect(equal(exposed(source, 2), plain)).toBe(true);
    expect(equal(exposed(source, 2, sensorResponse(6000, 15)), plain)).toBe(true);
  });

  it('loses photons one by one, in every bin the same share, and all of them below breakdown', () => {
    const plain = exposed(recorded(), 2);
    const source = new DimmedSource(recorded(), 1);
    const dim = exposed(source, 2, { detection: 0.3, dark: 0.3 });
    expect(dim.every((count, at) => count <= plain[at]!)).toBe(true);
    const { bins } = source;
    for (const bin of [8, 20, 40]) {
      const of = (counts: Uint16Array): number => sum(counts.filter((_, at) => at % bins === bin));
      // Binomial: five standard deviations.
      expect(Math.abs(of(dim) - 0.3 * of(plain))).toBeLessThan(5 * Math.sqrt(0.21 * of(plain)));
    }
    expect(equal(exposed(new DimmedSource(recorded(), 1), 2, { detection: 0.3, dark: 0.3 }), dim)).toBe(true);
    expect(sum(exposed(source, 2, sensorResponse(-5, 15)))).toBe(0);
  });
});

describe('a sensor behind the slow control', () => {
  const behind = () => {
    const time = { now: 0, nowMs: () => time.now };
    const physics = new CameraPhysics(80_000_000, new Random(3), 0);
    const sensor = new BiasedSensor(physics, time as never);
    return { time, physics, sensor };
  };
  /** In steps: a process that slept longer than 10 s did not age meanwhile. */
  const pass = ({ time, physics }: ReturnType<typeof behind>, ms: number): void => {
    for (const end = time.now + ms; time.now < end; time.now += 5000) physics.advance(time.now);
  };

  it('is dark until the bias is up, then nominal, and at rest always the same object', () => {
    const all = behind();
    expect(all.sensor.response().detection).toBe(0);
    all.physics.supply.on();
    pass(all, 300_000);
    expect(all.sensor.response()).toEqual(nominalResponse);
    const before = all.sensor.response();
    pass(all, 10_000);
    expect(all.sensor.response()).toBe(before);
    expect(all.sensor.temperatureC).toBeCloseTo(15, 1);
    expect(all.sensor.biasMv).toBeCloseTo(22_900, -1);
  });

  it('follows a set-point, and goes dark at once where an alarm cuts the bias', () => {
    const all = behind();
    all.physics.supply.on();
    pass(all, 20_000);
    all.physics.setpoints.excessVoltageSetpointMv = 1000;
    pass(all, 10_000);
    expect(all.sensor.response().detection).toBeCloseTo(0.5065, 3);
    all.physics.breakDown('interlock');
    all.time.now += 20;
    expect(all.sensor.response()).toEqual({ detection: 0, dark: 0 });
  });

  it('makes cached frames anew when it changes, and only then', () => {
    let response = nominalResponse;
    const renderer = new FrameRenderer(sceneOf(), null, 1, () => response);
    const rendered = (): number => {
      renderer.begin(0, null);
      renderer.rows(0, 40);
      return renderer.tally.total;
    };
    const bright = rendered();
    expect(rendered()).toBe(bright);
    response = sensorResponse(-1, 15);
    expect(rendered()).toBe(0);
  });
});
