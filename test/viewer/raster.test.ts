import { describe, expect, it } from 'vitest';
import {
  type ColourRanges,
  ColourTable,
  invalidColour,
  missingColour,
  packRgba,
  pixelColour,
} from '../../src/colour/colour.js';
import { palettes } from '../../src/colour/palettes.js';
import { paintMap, type MapFrame } from '../../viewer/src/raster.js';

const ranges: ColourRanges = {
  lifetime: { min: 500, max: 3500 },
  photons: { min: 0, max: 100 },
  error: null,
};
const { colours } = palettes.isoluminant;

const frame: MapFrame = {
  width: 6,
  height: 5,
  lifetime: Uint16Array.from({ length: 30 }, (_, i) => (i % 7 === 0 ? 0 : 400 + 110 * i)),
  error: Uint16Array.from({ length: 30 }, (_, i) => (i % 7 === 0 ? 0 : 1 + 37 * i)),
  photons: Uint32Array.from({ length: 30 }, (_, i) => 4 * i),
  rowsValid: Uint8Array.of(1, 1, 0, 1, 1),
};

function painted(mode: 'both' | 'lifetime' | 'intensity', shown = ranges, map = frame): Uint32Array {
  const table = new ColourTable(colours, mode);
  table.setRanges(shown);
  const target = new Uint32Array(30);
  paintMap(target, map, table, mode);
  return target;
}

describe('paintMap', () => {
  it.each(['both', 'lifetime'] as const)('%s: values, pixels without estimate, rows missing', (mode) => {
    const target = painted(mode);
    for (let at = 0; at < 30; at++) {
      const [x, y] = [at % 6, Math.floor(at / 6)];
      const tauPs = frame.lifetime[at]!;
      const expected =
        y === 2
          ? missingColour(x, y)
          : tauPs === 0
            ? invalidColour(x, y)
            : pixelColour(tauPs, frame.photons[at]!, ranges, colours, mode);
      expect(target[at], `${x}, ${y}`).toBe(packRgba(expected));
    }
  });

  it('fades what is uncertain where that is wanted and known; invalid and missing stay as they are', () => {
    const wanted: ColourRanges = { ...ranges, error: { min: 5, max: 30 } };
    const [faded, vivid] = [painted('both', wanted), painted('both')];
    let changed = 0;
    for (let at = 0; at < 30; at++) {
      const own = frame.rowsValid![Math.floor(at / 6)] === 1 && frame.lifetime[at] !== 0;
      const exact = own
        ? pixelColour(frame.lifetime[at]!, frame.photons[at]!, wanted, colours, 'both', frame.error![at]!)
        : null;
      expect(faded[at]).toBe(exact === null ? vivid[at] : packRgba(exact));
      if (faded[at] !== vivid[at]) changed++;
    }
    expect(changed).toBeGreaterThan(10);
    expect(painted('both', wanted, { ...frame, error: null })).toEqual(vivid);
    expect(painted('intensity', wanted)).toEqual(painted('intensity'));
  });

  it('intensity: shows photons also where no lifetime is known, but no missing row', () => {
    const target = painted('intensity');
    expect(target[7]).toBe(packRgba(pixelColour(0, 28, ranges, colours, 'intensity')));
    expect(target[13]).toBe(packRgba(missingColour(1, 2)));
  });

  it('never paints "no estimate" or "missing" as dark as no light', () => {
    for (let x = 0; x < 4; x++) {
      expect(Math.min(...invalidColour(x, 0))).toBeGreaterThanOrEqual(32);
      expect(Math.max(...missingColour(x, 0))).toBeGreaterThanOrEqual(48);
    }
  });
});
