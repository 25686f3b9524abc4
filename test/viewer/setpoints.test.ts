import { describe, expect, it } from 'vitest';
import { limitWords, setpointChanges, setpoints, typed } from '../../viewer/src/setpoints.js';

const values = {
  excessVoltageSetpointMv: 3125,
  biasRampMvPerS: 10_000,
  coolerSetpointMc: -5050,
  gateDelayPs: 1500,
};
const limits: Record<string, [number, number]> = {
  excessVoltageSetpointMv: [0, 6000],
  biasRampMvPerS: [100, 100_000],
  coolerSetpointMc: [-20_000, 30_000],
  gateDelayPs: [0, 50_000],
};
const camera = { values, limits };
const shown = Object.fromEntries(setpoints.map((each) => [each.name, typed(values[each.name], each)]));

describe('the set-points as they are typed', () => {
  it('show every digit of the camera, and say the limits', () => {
    expect(shown).toEqual({
      excessVoltageSetpointMv: '3.125',
      biasRampMvPerS: '10',
      coolerSetpointMc: '-5.05',
      gateDelayPs: '1500',
    });
    expect(setpoints.map((each) => limitWords(limits[each.name]!, each))).toEqual([
      '0 to 6 V',
      '0.1 to 100 V/s',
      '−20 to 30 °C',
      '0 to 50000 ps',
    ]);
  });

  it('are sent where they are changed, in the units of the camera', () => {
    expect(setpointChanges(shown, camera)).toEqual({ change: {}, wrong: [] });
    const texts = { ...shown, excessVoltageSetpointMv: ' 2.9 ', coolerSetpointMc: '−7.5' };
    expect(setpointChanges(texts, camera)).toEqual({
      change: { excessVoltageSetpointMv: 2900, coolerSetpointMc: -7500 },
      wrong: [],
    });
    // No digit is lost on the way through binary fractions.
    expect(setpointChanges({ ...shown, excessVoltageSetpointMv: '4.035' }, camera).change).toEqual({
      excessVoltageSetpointMv: 4035,
    });
  });

  it.each([
    ['excessVoltageSetpointMv', '6.001'],
    ['biasRampMvPerS', '0'],
    ['gateDelayPs', '-1'],
    ['gateDelayPs', ''],
    ['gateDelayPs', 'much'],
  ])('are told of where %s is %j', (name, text) => {
    expect(setpointChanges({ ...shown, [name]: text }, camera)).toEqual({ change: {}, wrong: [name] });
  });
});
