import { describe, expect, it } from 'vitest';
import { lastBinStart } from '../../src/export/ome-xml.js';
import { needsBigTiff } from '../../src/export/tiff-writer.js';
import { Random } from '../../src/random/random.js';

describe('the size of a file', () => {
  const pages = { width: 512, height: 512, bits: 16, count: 0 } as const;

  it('asks for BigTIFF from 4 GiB on, with room for everything beside the samples', () => {
    expect(needsBigTiff({ ...pages, count: 8100 })).toBe(false);
    expect(needsBigTiff({ ...pages, count: 8192 })).toBe(true);
    // Small pages: directories are as large.
    expect(needsBigTiff({ width: 8, height: 8, bits: 16, count: 7_000_000 })).toBe(true);
  });
});

describe('the end of the lifetime axis', () => {
  /** As tifffile counts them (numpy.arange), and as Bio-Formats does. */
  const byArange = (end: number, step: number) => Math.ceil((end + step - 0) / step);
  const byRounding = (end: number, step: number) => Math.round(end / step) + 1;

  it('gives readers as many bins as there are, whatever their width', () => {
    const random = new Random(1);
    let awkward = 0;
    for (let trial = 0; trial < 20_000; trial++) {
      const bins = 4 + random.below(4093);
      // Whole femtoseconds as cameras give them, and parts of windows.
      const binWidthPs =
        trial % 2 === 0 ? (1 + random.below(10_000_000)) / 1000 : (1 + random.below(60_000)) / bins;
      const end = lastBinStart(bins, binWidthPs);
      const found = [byArange(end, binWidthPs), byRounding(end, binWidthPs)];
      if (found[0] !== bins || found[1] !== bins) expect.fail(`${bins} bins of ${binWidthPs} ps: ${found}`);
      if (byArange((bins - 1) * binWidthPs, binWidthPs) !== bins) awkward++;
      expect(Math.abs(end - (bins - 1) * binWidthPs)).toBeLessThanOrEqual(1e-9 * end);
    }
    expect(awkward).toBeGreaterThan(0);
  });
});
