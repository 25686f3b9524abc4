import { describe, expect, it } from 'vitest';
import { deconvolvedPerBin } from '../../viewer/src/deconvolved-bins.js';
import { regionAround, regionSides } from '../../viewer/src/region.js';
import { MAX_REGION_PIXELS } from '../../src/protocol/stream.js';

describe('the deconvolved decay over detector bins', () => {
  const decay = { startPs: 100, stepPs: 200, values: [0.75, 0.25] };

  it('begins at its time zero, ends with its last step, and has as many photons as the measured one', () => {
    const line = deconvolvedPerBin(decay, { bins: 8, binWidthPs: 100, photons: 600 });
    expect(line).toEqual([null, 225, 225, 75, 75, null, null, null]);
    expect(line.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(600);
  });

  it('is flat where nothing was found, and cut off at the end of the bins', () => {
    const dark = { ...decay, values: [0, 0] };
    expect(deconvolvedPerBin(dark, { bins: 2, binWidthPs: 200, photons: 9 })).toEqual([0, 0]);
    expect(deconvolvedPerBin(decay, { bins: 2, binWidthPs: 100, photons: 600 })).toEqual([null, 225]);
  });
});

describe('the region about a pixel', () => {
  const image = { width: 20, height: 10 };

  it('is a square that ends where the image does', () => {
    expect(regionAround({ x: 5, y: 5 }, 1, image)).toEqual({ x: 5, y: 5, width: 1, height: 1 });
    expect(regionAround({ x: 5, y: 5 }, 9, image)).toEqual({ x: 1, y: 1, width: 9, height: 9 });
    expect(regionAround({ x: 0, y: 9 }, 3, image)).toEqual({ x: 0, y: 8, width: 2, height: 2 });
    expect(regionAround({ x: 19, y: 0 }, 25, image)).toEqual({ x: 7, y: 0, width: 13, height: 10 });
  });

  it('is one that the daemon sums', () => {
    expect(Math.max(...regionSides) ** 2).toBeLessThanOrEqual(MAX_REGION_PIXELS);
  });
});
