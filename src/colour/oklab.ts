/** Red, green, blue, each 0 … 255. */
export type Rgb = readonly [number, number, number];

/**
 * Linear sRGB, 0 … 1 within the gamut, of a colour in Oklch: lightness 0 … 1, chroma, hue in radians.
 * Björn Ottosson, "A perceptual color space for image processing", 2020.
 */
function linearRgb(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const decode = (encoded: number): number =>
  encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;

const encode = (linear: number): number =>
  linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;

export function rgbOfOklch(lightness: number, chroma: number, hue: number): Rgb {
  const [r, g, b] = linearRgb(lightness, chroma, hue).map((v) =>
    Math.round(255 * encode(Math.min(1, Math.max(0, v)))),
  ) as [number, number, number];
  return [r, g, b];
}

/** The grey, 0 … 255, that looks as light as a colour: it has the same Oklab lightness. */
export function equallyLightGrey(colour: Rgb): number {
  const [r, g, b] = colour.map((channel) => decode(channel / 255)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  return rgbOfOklch(lightness, 0, 0)[0];
}

/** The largest chroma of this lightness and hue that sRGB can show. */
export function largestChroma(lightness: number, hue: number): number {
  let inside = 0;
  let outside = 0.4;
  for (let step = 0; step < 20; step++) {
    const middle = (inside + outside) / 2;
    if (linearRgb(lightness, middle, hue).every((v) => v >= 0 && v <= 1)) inside = middle;
    else outside = middle;
  }
  return inside;
}
