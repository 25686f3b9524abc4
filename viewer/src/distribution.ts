import type { Range } from '../../src/colour/colour.js';
import type { MapFrame } from './raster.js';

const LIFETIME_BIN_PS = 16;
const LIFETIME_BINS = 1024;
const PHOTON_BINS = 1024;

/** A histogram with equal bins from 0. */
export interface Histogram {
  binWidth: number;
  weights: Float64Array;
  total: number;
}

/** How lifetimes and photons of one frame are distributed; one object is used again for every frame. */
export class FrameDistribution {
  /** Photons per lifetime (ps): bright pixels count for what they know. */
  readonly lifetime: Histogram = empty(LIFETIME_BIN_PS, LIFETIME_BINS);
  /** Pixels per number of photons. */
  readonly photons: Histogram = empty(1, PHOTON_BINS);
  brightest = 0;

  measure(frame: MapFrame): void {
    this.brightest = brightestPixel(frame);
    this.photons.binWidth = Math.max(1, Math.ceil((this.brightest + 1) / PHOTON_BINS));
    this.lifetime.weights.fill(0);
    this.photons.weights.fill(0);
    for (let y = 0; y < frame.height; y++) {
      if (frame.rowsValid === null || frame.rowsValid[y] !== 0) this.#addRow(frame, y * frame.width);
    }
    this.lifetime.total = sum(this.lifetime.weights);
    this.photons.total = sum(this.photons.weights);
  }

  #addRow({ width, lifetime, photons }: MapFrame, from: number): void {
    const byLifetime = this.lifetime.weights;
    const byPhotons = this.photons.weights;
    const perPhoton = 1 / this.photons.binWidth;
    for (let at = from; at < from + width; at++) {
      const count = photons[at];
      byPhotons[(count * perPhoton) | 0] += 1;
      const tauPs = lifetime[at];
      if (tauPs !== 0) byLifetime[Math.min(LIFETIME_BINS - 1, (tauPs / LIFETIME_BIN_PS) | 0)] += count;
    }
  }
}

function empty(binWidth: number, bins: number): Histogram {
  return { binWidth, weights: new Float64Array(bins), total: 0 };
}

const sum = (weights: Float64Array): number => weights.reduce((total, weight) => total + weight, 0);

function brightestPixel({ width, height, photons, rowsValid }: MapFrame): number {
  let brightest = 0;
  for (let y = 0; y < height; y++) {
    if (rowsValid !== null && rowsValid[y] === 0) continue;
    for (let at = y * width; at < (y + 1) * width; at++) brightest = Math.max(brightest, photons[at]);
  }
  return brightest;
}

/** The value below which a share (0 … 1) of the weight lies; null where there is no weight. */
export function quantile({ binWidth, weights, total }: Histogram, share: number): number | null {
  if (total === 0) return null;
  let below = 0;
  for (let bin = 0; bin < weights.length; bin++) {
    const weight = weights[bin];
    if (weight > 0 && below + weight >= share * total) {
      return binWidth * (bin + (share * total - below) / weight);
    }
    below += weight;
  }
  return binWidth * weights.length;
}

/** The range that shows nearly all lifetimes of a frame: 2 % of the photons lie beyond either end. */
export function autoLifetimeRange({ lifetime }: FrameDistribution): Range | null {
  const low = quantile(lifetime, 0.02);
  const high = quantile(lifetime, 0.98);
  if (low === null || high === null) return null;
  const min = Math.floor(low / 50) * 50;
  return { min, max: Math.max(min + 200, Math.ceil(high / 50) * 50) };
}

/** From no light to the brightest pixels but 5 %. */
export function autoPhotonRange({ photons }: FrameDistribution): Range | null {
  const high = quantile(photons, 0.95);
  return high === null ? null : { min: 0, max: roundUp(Math.max(high, 10)) };
}

/** Up to two significant digits. */
export function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

/**
 * An automatic range that stands still: it follows only where an end is off by more than a tenth of
 * its width, so that the colours of a steady scene do not flicker with the noise.
 */
export function settle(previous: Range | null, target: Range): Range {
  if (previous === null) return target;
  const tolerance = 0.1 * (previous.max - previous.min);
  const near =
    Math.abs(target.min - previous.min) <= tolerance && Math.abs(target.max - previous.max) <= tolerance;
  return near ? previous : target;
}
