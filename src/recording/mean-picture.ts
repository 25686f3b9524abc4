import { encode } from 'fast-png';
import {
  type ColourRanges,
  invalidColour,
  missingColour,
  pixelColour,
  type Range,
} from '../colour/colour.js';
import { palettes, type PaletteName } from '../colour/palettes.js';
import type { LifetimePlane, MeanFrame } from './frame-sums.js';
import { ValueCounts } from './quantiles.js';

export interface MeanPicture {
  png: Uint8Array;
  plane: LifetimePlane;
  /** What the colours span, ps. */
  lifetimeRangePs: Range;
  /** What the brightness spans, mean photons a frame. */
  photonRange: Range;
  palette: PaletteName;
}

/** Shares of the pixels between which the colours run: a few odd pixels do not set the scale. */
const LOW = 0.02;
const HIGH = 0.98;
const U16_MAX = 65_535;

/**
 * Hue = lifetime, brightness = photons, in the colours of the viewer; pixels without a lifetime and rows that never
 * came are hatched as there. The legend is in the text of the PNG.
 */
export function meanPicture(frame: MeanFrame, plane: LifetimePlane, palette: PaletteName): MeanPicture {
  const lifetimeRangePs = rangeOf(frame.lifetimePs.filter((value) => value > 0)) ?? { min: 500, max: 4000 };
  const brightest = rangeOf(frame.photons)?.max ?? 0;
  const photonRange = { min: 0, max: Math.max(1, brightest) };
  const ranges: ColourRanges = { lifetime: lifetimeRangePs, photons: photonRange, error: null };
  const { width, height } = frame;
  const data = new Uint8Array(width * height * 3);
  const { colours } = palettes[palette];
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const tau = frame.lifetimePs[pixel]!;
    const colour = frame.rowsMissing[y]
      ? missingColour(x, y)
      : tau === 0
        ? invalidColour(x, y)
        : pixelColour(tau, frame.photons[pixel]!, ranges, colours, 'both');
    data.set(colour, 3 * pixel);
  }
  const text = {
    Software: 'flimd',
    Description:
      `hue: ${plane}, ${lifetimeRangePs.min} to ${lifetimeRangePs.max} ps (${palette}); ` +
      `brightness: photons a frame, 0 to ${photonRange.max}`,
  };
  return {
    png: encode({ width, height, data, channels: 3, text }),
    plane,
    lifetimeRangePs,
    photonRange,
    palette,
  };
}

/** null where there are no values. */
function rangeOf(values: Iterable<number>): Range | null {
  const counts = new ValueCounts();
  for (const value of values) counts.add(Math.min(U16_MAX, Math.round(value)));
  const [min, max] = [counts.quantile(LOW), counts.quantile(HIGH)];
  return min === null || max === null ? null : { min, max: Math.max(max, min + 1) };
}
