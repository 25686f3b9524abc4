import { FlimdError } from '../protocol/index.js';
import type { SdtRecording } from '../recording/sdt.js';
import { addPixel, type PhotonSource, type PhotonTally } from './frame-renderer.js';
import { Random } from '../random/random.js';

/**
 * Thinning without replacement. Every pixel's photons lie in a shuffled list of bins; the frames take successive
 * shares of it, in every pixel the same share, so that brightness stays. Frames that together are one pass use
 * every photon exactly once. The next pass deals the photons out anew: it goes through the list in steps of a
 * number without a common divisor with its length.
 */
export class ThinnedRecording implements PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  /** Start of a pixel's photons in `shuffled`; one entry more than pixels. */
  private readonly start: Uint32Array;
  /** Bin of every photon. */
  private readonly shuffled: Uint8Array | Uint16Array;
  /** Where in a photon's share a pixel begins, 0 … 1: pixels with few photons do not all blink together. */
  private readonly phase: Float32Array;
  /** Share of a pixel's photons in a frame. */
  private readonly share: number;
  private frame = 0;

  constructor(
    recording: SdtRecording,
    readonly laserPeriodPs: number,
    photons: number,
    private readonly seed: number,
    perPixel: Uint32Array,
  ) {
    ({ width: this.width, height: this.height, bins: this.bins, binWidthPs: this.binWidthPs } = recording);
    this.start = runningSum(perPixel);
    const total = this.start[perPixel.length]!;
    this.share = shareFor(photons, total / perPixel.length);
    this.shuffled = shufflePhotons(recording, this.start, seed);
    const random = new Random(seed, 0x9a5e);
    this.phase = Float32Array.from(perPixel, () => random.uniform());
  }

  begin(frame: number): void {
    this.frame = frame;
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const perRow = this.width * this.bins;
    histograms.fill(0, firstRow * perRow, (firstRow + rowCount) * perRow);
    for (let pixel = firstRow * this.width; pixel < (firstRow + rowCount) * this.width; pixel++) {
      addPixel(tally, this.exposePixel(pixel, histograms));
    }
  }

  /** Photons from → to of the endless sequence of passes through this pixel's list. */
  private exposePixel(pixel: number, histograms: Uint16Array): number {
    const { shuffled } = this;
    const start = this.start[pixel]!;
    const length = this.start[pixel + 1]! - start;
    if (length === 0) return 0;
    const phase = this.phase[pixel]!;
    const from = Math.floor(length * this.share * this.frame + phase);
    const to = Math.floor(length * this.share * (this.frame + 1) + phase);
    const at = pixel * this.bins;
    for (let photon = from; photon < to;) {
      const pass = Math.floor(photon / length);
      const stop = Math.min(to, (pass + 1) * length);
      const step = strideOf(pass, length, this.seed + pixel);
      let place = ((photon - pass * length) * step) % length;
      for (; photon < stop; photon++) {
        histograms[at + shuffled[start + place]!]!++;
        place += step;
        if (place >= length) place -= length;
      }
    }
    return to - from;
  }
}

/** Step of a pass through `length` photons: 1 in the first, then a different one without a common divisor. */
function strideOf(pass: number, length: number, seed: number): number {
  if (pass === 0 || length < 3) return 1;
  // Knuth's multiplicative hash spreads consecutive passes and pixels.
  const hash = Math.imul(pass * 0x9e3779b1 + seed, 0x85ebca6b) >>> 0;
  let step = 1 + (hash % (length - 1));
  while (greatestCommonDivisor(step, length) !== 1) step = step === length - 1 ? 1 : step + 1;
  return step;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function shareFor(photons: number, mean: number): number {
  if (photons <= mean) return photons / mean;
  throw new FlimdError('FLIMD_E_CONFIG', 'virtual camera: the recording has fewer photons than asked for', {
    value: photons,
    expected: `at most ${mean.toFixed(1)}, its mean per pixel`,
    action: 'lower photons, or leave it out to have the whole recording in every frame',
  });
}

function runningSum(values: Uint32Array): Uint32Array {
  const sums = new Uint32Array(values.length + 1);
  values.forEach((value, i) => (sums[i + 1] = sums[i]! + value));
  return sums;
}

/** The bins of all photons, shuffled pixel by pixel (Fisher and Yates). */
function shufflePhotons(recording: SdtRecording, start: Uint32Array, seed: number): Uint8Array | Uint16Array {
  const { counts, bins } = recording;
  const pixels = start.length - 1;
  const photons = start[pixels]!;
  const list = bins <= 256 ? new Uint8Array(photons) : new Uint16Array(photons);
  const random = new Random();
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = start[pixel]!;
    let end = first;
    for (let bin = 0; bin < bins; bin++) {
      const count = counts[pixel * bins + bin]!;
      list.fill(bin, end, end + count);
      end += count;
    }
    random.reseed(seed, 0x5d7, pixel);
    for (let last = end - 1; last > first; last--) {
      const other = first + random.below(last - first + 1);
      const bin = list[last]!;
      list[last] = list[other]!;
      list[other] = bin;
    }
  }
  return list;
}
