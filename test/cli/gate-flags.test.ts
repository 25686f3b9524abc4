import { describe, expect, it } from 'vitest';
import { gatesOf } from '../../src/cli/gate-flags.js';

describe('flags that lay out the gates', () => {
  it('spread whole bins over the gates, some of one bin more where they do not divide evenly', () => {
    const gates = gatesOf({ gates: '5', bins: '16', binWidthPs: '200', window: '2..15' });
    // 13 bins in 5 gates: 2 or 3 each.
    expect(gates).toEqual([
      [400_000, 800_000],
      [800_000, 1_400_000],
      [1_400_000, 1_800_000],
      [1_800_000, 2_400_000],
      [2_400_000, 3_000_000],
    ]);
  });

  it('take all bins where no window is given', () => {
    expect(gatesOf({ gates: '2', bins: '62', binWidthPs: '200' })).toEqual([
      [0, 6_200_000],
      [6_200_000, 12_400_000],
    ]);
  });

  it('still take gates of a width, and runs of bins', () => {
    expect(gatesOf({ gates: '2', gateWidthPs: '390.625', windowStartPs: '100' })).toEqual([
      [100_000, 490_625],
      [490_625, 881_250],
    ]);
    expect(gatesOf({ gatesSpec: '4..8/2', binWidthPs: '50', bins: '8' })).toEqual([
      [200_000, 300_000],
      [300_000, 400_000],
    ]);
  });

  const ofBins = { gates: '4', bins: '16', binWidthPs: '200' };
  it.each([
    [{ gates: '4' }, '--bins or --gate-width-ps is missing'],
    [{ gates: '4', bins: '16' }, '--bin-width-ps is missing'],
    [{ ...ofBins, gates: '17' }, '--gates is "17", expected 1 to 16'],
    [{ ...ofBins, gates: '2.5' }, '--gates is "2.5"'],
    [{ ...ofBins, window: '4..17' }, '--window is "4..17"'],
    [{ ...ofBins, window: '4..4' }, '--window is "4..4"'],
    [{ ...ofBins, window: 'all' }, '--window is "all"'],
    [{ ...ofBins, bins: '1.5' }, '--bins is 1.5'],
    [{ ...ofBins, binWidthPs: '0' }, '--bin-width-ps is 0'],
    [{ ...ofBins, windowStartPs: '100' }, '--bins already says where the gates lie, --window-start-ps too'],
    [{ ...ofBins, gateWidthPs: '400' }, '--gate-width-ps already says where the gates lie, --bins too'],
    [{ gates: '4', gatesSpec: '0..4/2', binWidthPs: '200' }, '--gates-spec already says'],
    [{ gatesSpec: '0..4/2', binWidthPs: '200', bins: '3' }, 'beyond the 3 bins'],
  ])('are refused where they are missing, wrong or contradict each other: %j', (flags, message) => {
    expect(() => gatesOf(flags)).toThrow(
      expect.objectContaining({ code: 'FLIMD_E_CONFIG', message: expect.stringContaining(message) }),
    );
  });
});
