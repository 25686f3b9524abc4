import { describe, expect, it } from 'vitest';
import {
  ColourTable,
  invalidColour,
  level,
  levelColour,
  packRgba,
  pixelColour,
  saturationLevel,
  type ColourRanges,
} from '../../src/colour/colour.js';
import { palettes, PALETTE_SIZE, type Palette } from '../../src/colour/palettes.js';

const ranges: ColourRanges = {
  lifetime: { min: 1000, max: 4000 },
  photons: { min: 10, max: 410 },
  error: null,
};
const withErrors: ColourRanges = { ...ranges, error: { min: 5, max: 30 } };

describe('level', () => {
  it('spreads a range over 256 steps and clamps beyond it', () => {
    const range = { min: 1000, max: 1255 };
    expect([0, 1000, 1001, 1254, 1255, 9999].map((value) => level(value, range))).toEqual([
      0, 0, 1, 254, 255, 255,
    ]);
  });

  it('rounds to the nearest step', () => {
    const range = { min: 0, max: 2550 };
    expect([4, 5, 14, 15].map((value) => level(value, range))).toEqual([0, 1, 1, 2]);
  });
});

describe('pixelColour', () => {
  const { colours } = palettes.rainbow;

  it('is hue by lifetime, brightness by photons', () => {
    expect(pixelColour(1000, 410, ranges, colours, 'both')).toEqual([255, 0, 0]);
    expect(pixelColour(4000, 410, ranges, colours, 'both')).toEqual([0, 0, 255]);
    expect(pixelColour(1000, 211, ranges, colours, 'both')).toEqual([128, 0, 0]);
    expect(pixelColour(1000, 10, ranges, colours, 'both')).toEqual([0, 0, 0]);
  });

  it('leaves out what the mode does not show', () => {
    expect(pixelColour(1000, 10, ranges, colours, 'lifetime')).toEqual([255, 0, 0]);
    expect(pixelColour(1000, 410, ranges, colours, 'intensity')).toEqual([255, 255, 255]);
  });

  it.each(['both', 'lifetime', 'intensity'] as const)('is what the table holds, mode %s', (mode) => {
    const table = new ColourTable(palettes.isoluminant.colours, mode);
    for (const photonsMax of [410, 97]) {
      const changed = { ...ranges, photons: { min: 10, max: photonsMax } };
      table.setRanges(changed);
      for (let tauPs = 1; tauPs < 6000; tauPs += 97) {
        for (let photons = 0; photons < 450; photons += 13) {
          const exact = pixelColour(tauPs, photons, changed, palettes.isoluminant.colours, mode);
          expect(table.rgba(tauPs, photons)).toBe(packRgba(exact));
        }
      }
    }
  });

  it('follows a changed lifetime range', () => {
    const table = new ColourTable(colours, 'both');
    table.setRanges(ranges);
    table.setRanges({ ...ranges, lifetime: { min: 0, max: 1000 } });
    expect(table.rgba(1000, 410)).toBe(packRgba([0, 0, 255]));
  });
});

describe('uncertainty as saturation', () => {
  it('is full up to 5 % of the lifetime and gone from 30 % on', () => {
    const levels = [1, 100, 101, 360, 599, 600, 65535].map((errorPs) =>
      saturationLevel(2000, errorPs, withErrors.error),
    );
    expect(levels).toEqual([255, 255, 254, 122, 1, 0, 0]);
    expect(saturationLevel(2000, null, withErrors.error)).toBe(255);
    expect(saturationLevel(2000, 2000, null)).toBe(255);
  });

  it.each(Object.entries(palettes))('%s: fades to a grey as light as the colour itself', (_, { colours }) => {
    for (let hue = 0; hue < PALETTE_SIZE; hue += 15) {
      const grey = levelColour(hue, 255, colours, 'both', 0);
      expect(new Set(grey).size).toBe(1);
      expect(oklab(Uint8Array.from(grey), 0)[0]).toBeCloseTo(oklab(colours, hue)[0], 2);
      expect(levelColour(hue, 255, colours, 'both', 255)).toEqual([...colours.slice(3 * hue, 3 * hue + 3)]);
      const half = levelColour(hue, 255, colours, 'lifetime', 128);
      half.forEach((channel, i) => {
        const between = (grey[i]! + colours[3 * hue + i]!) / 2;
        expect(Math.abs(channel - between)).toBeLessThanOrEqual(1);
      });
    }
  });

  it('changes nothing in the intensity view, nor where no error is known', () => {
    const { colours } = palettes.rainbow;
    expect(pixelColour(1000, 211, withErrors, colours, 'intensity', 900)).toEqual([128, 128, 128]);
    expect(pixelColour(1000, 410, withErrors, colours, 'both', null)).toEqual([255, 0, 0]);
    expect(pixelColour(1000, 410, ranges, colours, 'both', 900)).toEqual([255, 0, 0]);
    const grey = pixelColour(1000, 410, withErrors, colours, 'both', 900);
    expect(pixelColour(1000, 211, withErrors, colours, 'both', 900)[0]).toBeCloseTo(grey[0] / 2, -1);
  });

  it.each(['both', 'lifetime'] as const)('is what the table holds, mode %s', (mode) => {
    const { colours } = palettes.isoluminant;
    const table = new ColourTable(colours, mode);
    for (const error of [
      { min: 5, max: 30 },
      { min: 0, max: 7 },
    ]) {
      const changed = { ...ranges, error };
      table.setRanges(changed);
      expect(table.showsErrors).toBe(true);
      for (let tauPs = 1; tauPs < 6000; tauPs += 197) {
        for (let photons = 0; photons < 450; photons += 29) {
          for (const errorPs of [1, 40, 90, 130, 211, 333, 800, 65535]) {
            const exact = pixelColour(tauPs, photons, changed, colours, mode, errorPs);
            expect(table.rgbaWithError(tauPs, photons, errorPs)).toBe(packRgba(exact));
          }
        }
      }
    }
    table.setRanges(ranges);
    expect(table.showsErrors).toBe(false);
  });

  it('fades to a neutral grey, which no pixel without an estimate has', () => {
    for (let x = 0; x < 4; x++) {
      const [r, g, b] = invalidColour(x, 0);
      expect(b - r, `${r} ${g} ${b}`).toBeGreaterThanOrEqual(9);
    }
  });
});

/** Oklab, written from its definition and not from the viewer's code. */
function oklab(palette: Palette, index: number): [number, number, number] {
  const [r, g, b] = [0, 1, 2].map((channel) => {
    const v = palette[3 * index + channel]! / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe('palettes', () => {
  it.each(Object.entries(palettes))('%s has 256 colours', (_, { colours }) => {
    expect(colours).toHaveLength(3 * PALETTE_SIZE);
  });

  it('isoluminant: one lightness, so that only photons make brightness', () => {
    const { colours } = palettes.isoluminant;
    const lightness = Array.from({ length: PALETTE_SIZE }, (_, i) => oklab(colours, i)[0]);
    expect(Math.min(...lightness)).toBeGreaterThan(0.71);
    expect(Math.max(...lightness)).toBeLessThan(0.73);
  });

  it('isoluminant: equal steps look equal, unlike those of the rainbow', () => {
    const unevenness = (palette: Palette): number => {
      // Over 16 steps, where rounding to 8 bits no longer counts.
      const steps = Array.from({ length: 15 }, (_, i) => {
        const [from, to] = [oklab(palette, 16 * i), oklab(palette, 16 * i + 16)];
        return Math.hypot(...from.map((value, axis) => to[axis]! - value));
      });
      return Math.max(...steps) / Math.min(...steps);
    };
    expect(unevenness(palettes.isoluminant.colours)).toBeLessThan(1.2);
    expect(unevenness(palettes.rainbow.colours)).toBeGreaterThan(2);
  });

  it('rainbow: red is short and blue is long', () => {
    const { colours } = palettes.rainbow;
    expect([...colours.slice(0, 3)]).toEqual([255, 0, 0]);
    expect([...colours.slice(-3)]).toEqual([0, 0, 255]);
  });

  it('cividis: runs from its dark blue to its yellow', () => {
    const { colours } = palettes.cividis;
    expect(colours[2]!).toBeGreaterThan(colours[0]!);
    expect(colours.at(-3)!).toBeGreaterThan(200);
    expect(colours.at(-1)!).toBeLessThan(110);
  });
});
