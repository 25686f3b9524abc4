import type { Page } from 'playwright-core';
import { invalidColour, levelColour, missingColour, packRgba, type Range } from '../../src/colour/colour.js';
import { PALETTE_SIZE, palettes, type PaletteName } from '../../src/colour/palettes.js';
import type { MeanName } from '../../viewer/src/settings.js';

/** What the page says it shows, and what is on its canvas: read in one go, so they belong together. */
export interface ShownMap {
  width: number;
  height: number;
  uid: string;
  series: number;
  frame: number;
  palette: PaletteName;
  mean: MeanName;
  lifetime: Range;
  photons: Range;
  /** Relative standard error that saturation shows, %; null where it shows none. */
  error: Range | null;
  /** The colour in the middle of every pixel, row-major, as RGBA words. */
  colours: Uint32Array;
  /** Every device pixel of a sensor pixel has the same colour. */
  sharp: boolean;
}

/** @param size of the sensor */
export async function readShownMap(page: Page, size: { width: number; height: number }): Promise<ShownMap> {
  const read = await page.evaluate(({ width, height }) => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="map-canvas"]')!;
    const [scale, x0, y0] = ['scale', 'originX', 'originY'].map((key) => Number(canvas.dataset[key])) as [
      number,
      number,
      number,
    ];
    const image = canvas.getContext('2d')!.getImageData(x0, y0, width * scale, height * scale);
    const words = new Uint32Array(image.data.buffer);
    const colours: number[] = [];
    let sharp = true;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const first = words[y * scale * image.width + x * scale]!;
        for (let i = 0; i < scale * scale; i++) {
          const at = (y * scale + Math.floor(i / scale)) * image.width + x * scale + (i % scale);
          sharp &&= words[at] === first;
        }
        colours.push(first);
      }
    }
    return { colours, sharp, facts: { ...document.documentElement.dataset } };
  }, size);
  const { facts } = read;
  return {
    ...size,
    uid: facts.uid!,
    series: Number(facts.series),
    frame: Number(facts.frame),
    palette: facts.palette as PaletteName,
    mean: facts.mean as MeanName,
    lifetime: { min: Number(facts.lifetimeMin), max: Number(facts.lifetimeMax) },
    photons: { min: Number(facts.photonsMin), max: Number(facts.photonsMax) },
    error: facts.errorMin === '' ? null : { min: Number(facts.errorMin), max: Number(facts.errorMax) },
    colours: Uint32Array.from(read.colours),
    sharp: read.sharp,
  };
}

/** Darker colours are left out: there 8 bits do not tell neighbouring hues apart. */
const LEAST_BRIGHTNESS = 64;

/**
 * Lifetimes, ps, read off the colours of a map in the mode `both`; 0 where a pixel is dark, has no
 * estimate, or lies at an end of the range, where colours say only "this or beyond".
 */
export function lifetimesOfColours(map: ShownMap): Float64Array {
  const hues = new Map<number, number[]>();
  const { colours } = palettes[map.palette];
  for (let hue = 0; hue < PALETTE_SIZE; hue++) {
    for (let brightness = LEAST_BRIGHTNESS; brightness < 256; brightness++) {
      const colour = packRgba(levelColour(hue, brightness, colours, 'both'));
      hues.set(colour, [...(hues.get(colour) ?? []), hue]);
    }
  }
  const { min, max } = map.lifetime;
  return Float64Array.from(map.colours, (colour) => {
    const candidates = hues.get(colour);
    if (candidates === undefined || candidates.includes(0) || candidates.includes(255)) return 0;
    const hue = candidates.reduce((sum, each) => sum + each, 0) / candidates.length;
    return min + (hue / 255) * (max - min);
  });
}

/** Rows painted as missing from a partial frame. */
export function missingRows(map: ShownMap): number[] {
  return rowsWhere(map, (colour, x, y) => colour === packRgba(missingColour(x, y)));
}

export function countWithoutEstimate(map: ShownMap): number {
  return map.colours.filter(
    (colour, at) => colour === packRgba(invalidColour(at % map.width, Math.floor(at / map.width))),
  ).length;
}

function rowsWhere(map: ShownMap, holds: (colour: number, x: number, y: number) => boolean): number[] {
  const rows = Array.from({ length: map.height }, (_, y) => y);
  return rows.filter((y) =>
    map.colours.subarray(y * map.width, (y + 1) * map.width).every((colour, x) => holds(colour, x, y)),
  );
}

/** Spread of the channels that tells a share of it to a few per cent. */
const LEAST_SPREAD = 64;

const spread = (rgba: number): number => {
  const channels = [rgba & 0xff, (rgba >> 8) & 0xff, (rgba >> 16) & 0xff];
  return Math.max(...channels) - Math.min(...channels);
};

/** How much of the difference between its channels each clearly coloured pixel has kept, 0 … 1. */
export function chromaLeft(
  vivid: Uint32Array,
  faded: Uint32Array,
  where: (at: number) => boolean,
): { at: number; share: number }[] {
  const pixels = Array.from(vivid, (_, at) => at);
  return pixels
    .filter((at) => where(at) && spread(vivid[at]!) >= LEAST_SPREAD)
    .map((at) => ({ at, share: spread(faded[at]!) / spread(vivid[at]!) }));
}
