import { PALETTE_SIZE, type Palette } from './palettes.js';
import type { Rgb } from './oklab.js';

/*
 * The colour of a pixel, exactly; `ColourTable` is the same function tabulated, and tests invert it.
 *
 *   hue level        h = level(lifetime ps, lifetime range)      0 … 255
 *   brightness level b = level(photons, photon range)            0 … 255
 *   colour             = round(palette[h] · b / 255), each of r, g, b
 *
 * The product is taken of encoded sRGB values: chromaticity stays nearly the same from bright to
 * dark, and equal steps of b look equal.
 */

export interface Range {
  min: number;
  max: number;
}

export interface ColourRanges {
  /** Picoseconds. */
  lifetime: Range;
  /** Photons per pixel and frame. */
  photons: Range;
}

/** `both`: hue = lifetime, brightness = intensity; the other two show one of them alone. */
export type DisplayMode = 'both' | 'lifetime' | 'intensity';

/** Levels per unit of a value in the range. */
const slope = ({ min, max }: Range): number => 255 / (max - min);

/** Where a value lies in a range, in 256 steps; values outside take the nearest end. */
export function level(value: number, range: Range): number {
  return levelBySlope(value, range.min, slope(range));
}

function levelBySlope(value: number, min: number, perUnit: number): number {
  const exact = (value - min) * perUnit;
  if (exact <= 0) return 0;
  return exact >= 255 ? 255 : (exact + 0.5) | 0;
}

/** The colour of a pixel with a valid lifetime, or of any pixel in the intensity view. */
export function pixelColour(
  tauPs: number,
  photons: number,
  ranges: ColourRanges,
  palette: Palette,
  mode: DisplayMode,
): Rgb {
  return levelColour(level(tauPs, ranges.lifetime), level(photons, ranges.photons), palette, mode);
}

/** The colour of a hue level and a brightness level, each 0 … 255. */
export function levelColour(hue: number, brightness: number, palette: Palette, mode: DisplayMode): Rgb {
  if (mode === 'intensity') return [brightness, brightness, brightness];
  const share = mode === 'lifetime' ? 1 : brightness / 255;
  const at = 3 * hue;
  return [
    Math.round(palette[at] * share),
    Math.round(palette[at + 1] * share),
    Math.round(palette[at + 2] * share),
  ];
}

/**
 * A pixel without a valid lifetime: neutral slate with a fine diagonal hatch, never black, so that
 * "no estimate" and "dark" differ.
 */
export function invalidColour(x: number, y: number): Rgb {
  return (x + y) % 4 === 0 ? [42, 46, 53] : [32, 35, 41];
}

/** A row that never arrived: wine red, hatched the other way. */
export function missingColour(x: number, y: number): Rgb {
  return (x + 3 * y) % 4 === 0 ? [104, 44, 58] : [56, 24, 34];
}

/** Little-endian RGBA, as image data holds it. */
export const packRgba = ([r, g, b]: Rgb): number => (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;

/** `pixelColour` as two table look-ups and one multiplication a pixel. */
export class ColourTable {
  readonly #rgba = new Uint32Array(PALETTE_SIZE * 256);
  readonly #hueLevels = new Uint8Array(65536);
  #lifetime: Range | null = null;
  #photonsMin = 0;
  #photonSlope = 255;

  constructor(palette: Palette, mode: DisplayMode) {
    for (let hue = 0; hue < PALETTE_SIZE; hue++) {
      for (let brightness = 0; brightness < 256; brightness++) {
        this.#rgba[(hue << 8) | brightness] = packRgba(levelColour(hue, brightness, palette, mode));
      }
    }
  }

  setRanges({ lifetime, photons }: ColourRanges): void {
    this.#photonsMin = photons.min;
    this.#photonSlope = slope(photons);
    if (this.#lifetime?.min === lifetime.min && this.#lifetime.max === lifetime.max) return;
    this.#lifetime = lifetime;
    for (let tauPs = 0; tauPs < 65536; tauPs++) this.#hueLevels[tauPs] = level(tauPs, lifetime);
  }

  rgba(tauPs: number, photons: number): number {
    const brightness = levelBySlope(photons, this.#photonsMin, this.#photonSlope);
    return this.#rgba[(this.#hueLevels[tauPs] << 8) | brightness];
  }
}
