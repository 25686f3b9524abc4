import type { Point } from './viewport.js';

export interface Region extends Point {
  width: number;
  height: number;
}

/** Sides of the squares whose decay can be shown, pixels; the largest is well within what the daemon sums. */
export const regionSides = [1, 3, 9, 25] as const;
export type RegionSide = (typeof regionSides)[number];

/** The square about a pixel, as far as it lies in the image. */
export function regionAround(
  pixel: Point,
  side: RegionSide,
  image: { width: number; height: number },
): Region {
  const reach = (side - 1) / 2;
  const x = Math.max(0, pixel.x - reach);
  const y = Math.max(0, pixel.y - reach);
  return {
    x,
    y,
    width: Math.min(image.width, pixel.x + reach + 1) - x,
    height: Math.min(image.height, pixel.y + reach + 1) - y,
  };
}

export const sameRegion = (a: Region, b: Region): boolean =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
