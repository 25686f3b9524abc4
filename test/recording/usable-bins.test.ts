import { describe, expect, it } from 'vitest';
import { usableBins } from '../../src/recording/usable-bins.js';

const bins = 256;
/** A decay with light before the pulse at bin 60, as of a laser at high rate. */
const decay = Float64Array.from({ length: bins }, (_, bin) =>
  bin < 60 ? 20_000 * Math.exp(-bin / 250) : 1_000_000 * Math.exp(-(bin - 60) / 60),
);

describe('usable bins', () => {
  it('are all where nothing limits them', () => {
    expect(usableBins(decay, 0, 0)).toEqual({ first: 0, end: bins });
    expect(usableBins(decay, 0, 100)).toEqual({ first: 0, end: bins });
  });

  it('lie inside the discriminator limits', () => {
    expect(usableBins(decay, 10, 90)).toEqual({ first: 26, end: 230 });
  });

  it('leave out the ramps at both ends', () => {
    const ramped = decay.map((count, bin) =>
      bin < 20 || bin > 250
        ? 0
        : bin < 32
          ? (count * (bin - 19)) / 13
          : bin > 240
            ? (count * (251 - bin)) / 11
            : count,
    );
    const { first, end } = usableBins(ramped, 0, 0);
    expect(first).toBeGreaterThanOrEqual(31);
    expect(first).toBeLessThanOrEqual(33);
    expect(end).toBeGreaterThanOrEqual(239);
    expect(end).toBeLessThanOrEqual(242);
  });

  it('take a pulse near the start for a pulse, not for a ramp', () => {
    const early = Float64Array.from({ length: bins }, (_, bin) =>
      bin < 10 ? 0 : bin < 40 ? 1000 * (bin - 9) ** 2 : 900_000 * Math.exp(-(bin - 40) / 50),
    );
    expect(usableBins(early, 0, 0).first).toBe(10);
  });

  it('take a pulse that comes out of the dark for a pulse, however steep', () => {
    const dark = Float64Array.from({ length: bins }, (_, bin) =>
      bin < 30 ? 0 : bin < 34 ? 30_000 * (bin - 29) : Math.round(120_000 * Math.exp(-(bin - 34) / 12)),
    );
    expect(usableBins(dark, 0, 0).first).toBe(30);
  });

  it('are not cut where nothing is before the end', () => {
    const short = Float64Array.from(
      { length: bins },
      (_, bin) => 50_000 * Math.exp(-0.5 * (bin - 128) ** 2),
    ).map(Math.round);
    const { first, end } = usableBins(short, 0, 0);
    expect(first).toBeLessThanOrEqual(124);
    expect(end).toBeGreaterThanOrEqual(133);
  });

  it('rest on the header where there are too few photons to see anything', () => {
    expect(usableBins(new Float64Array(bins), 5, 95)).toEqual({ first: 13, end: 243 });
  });

  it('ignore limits that make no sense', () => {
    expect(usableBins(new Float64Array(bins), 90, 10)).toEqual({ first: 0, end: bins });
    expect(usableBins(new Float64Array(bins), NaN, 1e30)).toEqual({ first: 0, end: bins });
  });
});
