import { type SdtRecording } from '../recording/sdt.js';
import type { BinRange } from '../recording/usable-bins.js';
import { joinBins } from './binned-counts.js';
import { fitFrom, type InstrumentFit, standardError } from './instrument-fit.js';

/** A part of an image, and how its edge and background differ from the whole. */
export interface RegionFit {
  name: string;
  photons: number;
  /** Position of the response less that of the whole image; its standard error. */
  shiftPs: number;
  shiftErrorPs: number;
  /** Width beside that of the whole image, less 1; its standard error. NaN for a measured response. */
  widthChange: number;
  widthChangeError: number;
  backgroundShare: number;
}

/** A region with fewer photons tells its position worse than instruments wander. */
const LEAST_PHOTONS = 50_000;
const BRIGHTNESS_CLASSES = 8;
const TILES_PER_SIDE = 4;

/**
 * Fits parts of an image by themselves, beginning at the fit of the whole: classes of brightness with equal photons
 * (the edge moves with the count rate) and tiles (it moves over the field of view). Bins are joined by `factor` as in
 * the fit of the whole.
 */
export function fitRegions(
  image: SdtRecording,
  used: BinRange,
  factor: number,
  whole: InstrumentFit,
): RegionFit[] {
  const photons = photonsPerPixel(image, used);
  const regions = [...brightnessClasses(photons), ...tiles(image)];
  return regions.flatMap(({ name, pixels }) => {
    const counts = sumOver(image, pixels, used);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total < LEAST_PHOTONS) return [];
    const share = total / whole.state.photons;
    const fit = fitFrom(
      joinBins({ startPs: used.first * image.binWidthPs, binWidthPs: image.binWidthPs, counts }, factor),
      { ...whole.form, laserPeriodPs: whole.state.laserPeriodPs },
      {
        ...whole.state,
        photons: total,
        backgroundPerBin: whole.state.backgroundPerBin * share,
      },
    );
    return [compared(name, total, fit, whole)];
  });
}

function compared(name: string, photons: number, fit: InstrumentFit, whole: InstrumentFit): RegionFit {
  const width = fit.names.includes('logWidth');
  return {
    name,
    photons,
    shiftPs: fit.state.centerPs - whole.state.centerPs,
    shiftErrorPs: standardError(fit, 'center'),
    widthChange: width ? fit.state.widthPs / whole.state.widthPs - 1 : NaN,
    widthChangeError: standardError(fit, 'logWidth'),
    backgroundShare: (fit.state.backgroundPerBin * fit.expected.length) / photons,
  };
}

interface Region {
  name: string;
  pixels: number[];
}

/** Pixels by brightness, cut so that every class holds the same part of the photons. */
function brightnessClasses(photons: Float64Array): Region[] {
  const order = [...photons.keys()].sort((a, b) => photons[a]! - photons[b]!);
  const total = photons.reduce((sum, count) => sum + count, 0);
  const classes = Array.from({ length: BRIGHTNESS_CLASSES }, (_, index): Region => ({
    name: `brightness ${index + 1} of ${BRIGHTNESS_CLASSES}`,
    pixels: [],
  }));
  let passed = 0;
  for (const pixel of order) {
    classes[Math.min(BRIGHTNESS_CLASSES - 1, Math.floor((BRIGHTNESS_CLASSES * passed) / total))]!.pixels.push(
      pixel,
    );
    passed += photons[pixel]!;
  }
  return classes;
}

function tiles({ width, height }: SdtRecording): Region[] {
  const edge = (index: number, size: number): number => Math.floor((index * size) / TILES_PER_SIDE);
  return Array.from({ length: TILES_PER_SIDE ** 2 }, (_, tile) => {
    const [row, column] = [Math.floor(tile / TILES_PER_SIDE), tile % TILES_PER_SIDE];
    const pixels: number[] = [];
    for (let y = edge(row, height); y < edge(row + 1, height); y++) {
      for (let x = edge(column, width); x < edge(column + 1, width); x++) pixels.push(y * width + x);
    }
    return { name: `tile row ${row + 1}, column ${column + 1}`, pixels };
  });
}

function photonsPerPixel(
  { counts, bins, width, height }: SdtRecording,
  { first, end }: BinRange,
): Float64Array {
  return Float64Array.from({ length: width * height }, (_, pixel) => {
    let sum = 0;
    for (let bin = first; bin < end; bin++) sum += counts[pixel * bins + bin]!;
    return sum;
  });
}

function sumOver(
  { counts, bins }: SdtRecording,
  pixels: readonly number[],
  { first, end }: BinRange,
): Float64Array {
  const sum = new Float64Array(end - first);
  for (const pixel of pixels) {
    for (let bin = first; bin < end; bin++) sum[bin - first]! += counts[pixel * bins + bin]!;
  }
  return sum;
}
