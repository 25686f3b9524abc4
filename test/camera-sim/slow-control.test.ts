import { describe, expect, it } from 'vitest';
import { CameraPhysics } from '../../src/camera-sim/slow-control/camera-physics.js';
import {
  noLineFaults,
  parseSlowControlFaults,
  spoiled,
} from '../../src/camera-sim/slow-control/line-faults.js';
import { alarmsOf } from '../../src/protocol/slow-control.js';
import { Random } from '../../src/random/random.js';

const physics = () => new CameraPhysics(80_000_000, new Random(3), 0);

describe('the physics behind the slow control', () => {
  it('ramps the bias at its rate', () => {
    const camera = physics();
    camera.supply.on();
    camera.advance(1000);
    expect(camera.measure().sensorBiasMv).toBeGreaterThan(9980);
    expect(camera.measure().sensorBiasMv).toBeLessThan(10_020);
    expect(camera.supply.state).toBe('rampingUp');
    camera.advance(4000);
    expect(camera.supply.state).toBe('on');
    camera.supply.off();
    camera.advance(5000);
    expect(camera.supply.state).toBe('rampingDown');
    camera.supply.cut();
    expect(camera.supply.state).toBe('off');
  });

  it('cools the sensor to its set-point, and the breakdown voltage follows', () => {
    const camera = physics();
    camera.supply.on();
    for (let ms = 0; ms <= 240_000; ms += 5000) camera.advance(ms);
    const { sensorTemperatureMc, heatsinkTemperatureMc, coolerPowerMw, sensorBiasMv, excessVoltageMv } =
      camera.measure();
    expect(Math.abs(sensorTemperatureMc - 15_000)).toBeLessThan(300);
    expect(heatsinkTemperatureMc).toBeGreaterThan(26_000);
    expect(coolerPowerMw).toBeGreaterThan(1000);
    expect(Math.abs(excessVoltageMv - 3000)).toBeLessThan(20);
    // 20 V at 20 °C and 20 mV/K: 19.9 V at 15 °C.
    expect(Math.abs(sensorBiasMv - 22_900)).toBeLessThan(30);
    expect(camera.alarms).toBe(0);
  });

  it.each([
    ['overTemperature', 'on'],
    ['laserSyncLost', 'on'],
    ['overCurrent', 'off'],
    ['interlock', 'off'],
  ] as const)('shows %s in its alarms; the bias is then %s without the host', (cause, state) => {
    const camera = physics();
    camera.supply.on();
    camera.advance(4000);
    camera.breakDown(cause);
    camera.advance(4100);
    expect(alarmsOf(camera.alarms)).toEqual([cause]);
    expect(camera.supply.state).toBe(state);
  });
});

describe('faults of the line', () => {
  it('are read from text', () => {
    expect(parseSlowControlFaults('noise:0.25,split:1,interlock@3000')).toEqual({
      ...noLineFaults,
      noise: 0.25,
      split: 1,
      alarms: [{ alarm: 'interlock', atMs: 3000 }],
    });
    for (const wrong of ['noise', 'noise:2', 'nois:0.1', 'interlock:1', 'fire@100', 'constructor:0.5']) {
      expect(() => parseSlowControlFaults(wrong), wrong).toThrow(
        expect.objectContaining({ code: 'FLIMD_E_CONFIG' }),
      );
    }
  });

  it('do to an answer what they say', () => {
    const random = new Random(5);
    const answer = Uint8Array.from({ length: 30 }, (_, at) => at);
    const ledger = { ...noLineFaults, answers: 0 };
    const spoil = (faults: object): Uint8Array[] =>
      spoiled(answer, { ...noLineFaults, ...faults }, random, ledger);
    const joined = (faults: object): number[] => spoil(faults).flatMap((piece) => [...piece]);
    expect(spoil({})).toEqual([answer]);
    expect(spoil({ silence: 1 })).toEqual([]);
    expect(spoil({ split: 1 })).toHaveLength(2);
    expect(joined({ split: 1 })).toEqual([...answer]);
    expect(joined({ checksum: 1 }).filter((byte, at) => byte !== at)).toHaveLength(1);
    expect(joined({ noise: 1 }).slice(-30)).toEqual([...answer]);
    expect(ledger).toEqual({ answers: 6, silence: 1, split: 2, checksum: 1, noise: 1 });
  });
});
