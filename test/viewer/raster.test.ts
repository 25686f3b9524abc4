import { describe, expect, it } from 'vitest';
import { ColourTable, invalidColour, missingColour, packRgba, pixelColour } from '../../viewer/src/colour.js';
import { palettes } from '../../viewer/src/palettes.js';
import { paintMap, type MapFrame } from '../../viewer/src/raster.js';

const ranges = { lifetime: { min: 500, max: 3500 }, photons: { min: 0, max: 100 } };
const { colours } = palettes.isoluminant;

const frame: MapFrame = {
  width: 6,
  height: 5,
  lifetime: Uint16Array.from({ length: 30 }, (_, i) => (i % 7 === 0 ? 0 : 400 + 110 * i)),
  photons: Uint32Array.from({ length: 30 }, (_, i) => 4 * i),
  rowsValid: Uint8Array.of(1, 1, 0, 1, 1),
};

function painted(mode: 'both' | 'lifetime' | 'intensity'): Uint32Array {
  const table = new ColourTable(colours, mode);
  table.setRanges(ranges);
  const target = new Uint32Array(30);
  paintMap(target, frame, table, mode);
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
