import { describe, expect, it } from 'vitest';
import { defaultSimOptions, parseSimOptions, simOptionTable } from '../../src/camera-sim/index.js';

describe('options of the virtual camera', () => {
  it('have defaults', () => {
    expect(parseSimOptions({})).toEqual(defaultSimOptions());
    expect(defaultSimOptions()).toMatchObject({ width: 128, height: 128, bins: 64, fps: 10, file: null });
  });

  it('are read from text', () => {
    const options = parseSimOptions({
      width: '64',
      fps: '0',
      file: 'a b.sdt',
      faults: 'drop:0.01,garbage:0.5',
      outputs: 'both',
    });
    expect(options).toMatchObject({ width: 64, fps: 0, file: 'a b.sdt', outputs: 'both' });
    expect(options.faults).toMatchObject({ drop: 0.01, garbage: 0.5, corrupt: 0 });
  });

  it.each([
    ['width', '12.5', 'a whole number, 8 to 512'],
    ['width', '', 'a whole number'],
    ['fps', '-1', 'a number, 0 to 10000'],
    ['photons', 'many', 'a number'],
    ['outputs', 'images', 'lifetimes, histograms or both'],
    ['faults', 'drops:0.1', 'one of drop, corrupt'],
    ['faults', 'toString:0.1', 'one of drop, corrupt'],
    ['faults', 'drop', 'a number, 0 to 1'],
    ['faults', 'drop:0.6,corrupt:0.6', 'together at most 1'],
    ['wdith', '3', 'one of width, height'],
  ])('refuse %s=%s', (key, text, expected) => {
    expect(() => parseSimOptions({ [key]: text })).toThrowError(
      expect.objectContaining({
        code: 'FLIMD_E_CONFIG',
        details: expect.objectContaining({ expected: expect.stringContaining(expected) }),
      }),
    );
  });

  it('are each described', () => {
    expect(simOptionTable.map(({ key }) => key).sort()).toEqual(Object.keys(defaultSimOptions()).sort());
    for (const { meaning } of simOptionTable) expect(meaning.length).toBeGreaterThan(8);
  });
});
