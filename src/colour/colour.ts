import { PALETTE_SIZE, type Palette } from './palettes.js';
import { equallyLightGrey, type Rgb } from './oklab.js';

/*
 * The colour of a pixel, exactly; `ColourTable` is the same function tabulated, and tests invert it.
 *
 *   hue level        h = level(lifetime ps, lifetime range)      0 … 255
 *   brightness level b = level(photons, photon range)            0 … 255
 *   saturation level s = 255 − level(100 · standard error / lifetime, error range); 255 where it is not shown
 *   vivid              = round(grey[h] + (palette[h] − grey[h]) · s / 255), each of r, g, b
 *   colour             = round(vivid · b / 255), each of r, g, b
 *
 * grey[h] is the grey as light as palette[h], so that what is uncertain loses its hue and keeps its brightness.
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
  /**
   * Relative standard error, %: full colour up to `min`, grey from `max` on; null where saturation does not show
   * it.
   */
  error: Range | null;
}

/** Full saturation. */
export const VIVID = 255;

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

/** How much of its hue a valid lifetime keeps, 0 … 255; `errorPs` null where nothing is known of its error. */
export function saturationLevel(tauPs: number, errorPs: number | null, range: Range | null): number {
  if (errorPs === null || range === null) return VIVID;
  return VIVID - level((100 * errorPs) / tauPs, range);
}

/** The colour of a pixel with a valid lifetime, or of any pixel in the intensity view. */
export function pixelColour(
  tauPs: number,
  photons: number,
  ranges: ColourRanges,
  palette: Palette,
  mode: DisplayMode,
  errorPs: number | null = null,
): Rgb {
  const [hue, brightness] = [level(tauPs, ranges.lifetime), level(photons, ranges.photons)];
  return levelColour(hue, brightness, palette, mode, saturationLevel(tauPs, errorPs, ranges.error));
}

/** The colour of a hue, a brightness and a saturation level, each 0 … 255. */
export function levelColour(
  hue: number,
  brightness: number,
  palette: Palette,
  mode: DisplayMode,
  saturation = VIVID,
): Rgb {
  if (mode === 'intensity') return [brightness, brightness, brightness];
  const share = mode === 'lifetime' ? 1 : brightness / 255;
  const [r, g, b] = vividColour(hue, saturation, palette);
  return [Math.round(r * share), Math.round(g * share), Math.round(b * share)];
}

/** The palette's colour, faded towards the grey as light as itself. */
function vividColour(hue: number, saturation: number, palette: Palette): Rgb {
  const colour = paletteColour(hue, palette);
  return saturation === VIVID ? colour : fade(colour, equallyLightGrey(colour), saturation);
}

function paletteColour(hue: number, palette: Palette): Rgb {
  const at = 3 * hue;
  return [palette[at], palette[at + 1], palette[at + 2]];
}

function fade([r, g, b]: Rgb, grey: number, saturation: number): Rgb {
  const faded = (channel: number): number => Math.round(grey + ((channel - grey) * saturation) / VIVID);
  return [faded(r), faded(g), faded(b)];
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

/** `pixelColour` as two table look-ups and one multiplication a pixel; a few more with standard errors. */
export class ColourTable {
  readonly #palette: Palette;
  readonly #mode: DisplayMode;
  /** By hue. */
  readonly #greys: Uint8Array;
  readonly #rgba = new Uint32Array(PALETTE_SIZE * 256);
  readonly #hueLevels = new Uint8Array(65536);
  #lifetime: Range | null = null;
  #photonsMin = 0;
  #photonSlope = 255;
  #error: Range | null = null;
  #errorSlope = 255;
  /** Vivid colours as RGBA, `[saturation][hue]`; made when they are first wanted. */
  #vivid: Uint32Array | null = null;

  constructor(palette: Palette, mode: DisplayMode) {
    this.#palette = palette;
    this.#mode = mode;
    this.#greys = Uint8Array.from({ length: PALETTE_SIZE }, (_, hue) =>
      equallyLightGrey(paletteColour(hue, palette)),
    );
    for (let hue = 0; hue < PALETTE_SIZE; hue++) {
      for (let brightness = 0; brightness < 256; brightness++) {
        this.#rgba[(hue << 8) | brightness] = packRgba(levelColour(hue, brightness, palette, mode));
      }
    }
  }

  /** Whether standard errors change a colour. */
  get showsErrors(): boolean {
    return this.#error !== null && this.#mode !== 'intensity';
  }

  setRanges({ lifetime, photons, error }: ColourRanges): void {
    this.#photonsMin = photons.min;
    this.#photonSlope = slope(photons);
    this.#error = error;
    if (error !== null) this.#errorSlope = slope(error);
    if (this.showsErrors) this.#vivid ??= this.#vividColours();
    if (this.#lifetime?.min === lifetime.min && this.#lifetime.max === lifetime.max) return;
    this.#lifetime = lifetime;
    for (let tauPs = 0; tauPs < 65536; tauPs++) this.#hueLevels[tauPs] = level(tauPs, lifetime);
  }

  rgba(tauPs: number, photons: number): number {
    const brightness = levelBySlope(photons, this.#photonsMin, this.#photonSlope);
    return this.#rgba[(this.#hueLevels[tauPs] << 8) | brightness];
  }

  /** For a table that `showsErrors`; the lifetime is a valid one. */
  rgbaWithError(tauPs: number, photons: number, errorPs: number): number {
    const saturation = VIVID - levelBySlope((100 * errorPs) / tauPs, this.#error!.min, this.#errorSlope);
    if (saturation === VIVID) return this.rgba(tauPs, photons);
    const vivid = this.#vivid![(saturation << 8) | this.#hueLevels[tauPs]];
    if (this.#mode === 'lifetime') return vivid;
    const share = levelBySlope(photons, this.#photonsMin, this.#photonSlope) / 255;
    const scaled = (shift: number): number => (((vivid >>> shift) & 0xff) * share + 0.5) | 0;
    return (0xff000000 | (scaled(16) << 16) | (scaled(8) << 8) | scaled(0)) >>> 0;
  }

  #vividColours(): Uint32Array {
    return Uint32Array.from({ length: 256 * PALETTE_SIZE }, (_, at) => {
      const hue = at & 0xff;
      return packRgba(fade(paletteColour(hue, this.#palette), this.#greys[hue], at >> 8));
    });
  }
}
