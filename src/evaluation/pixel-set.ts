import { Random } from '../random/random.js';
import { type DecayPrior, DecaySource, type DecayTruth, drawCounts } from '../training/decays.js';

/** Pixels drawn from a prior, with what is true of each. */
export interface PixelSet {
  /** Photons a pixel expects in its gates. */
  photons: number;
  /** [pixel] photons in every gate; at least one. */
  counts: Uint32Array[];
  /** [pixel] */
  truths: DecayTruth[];
}

/** Not a stream of the training or of its accuracy card. */
const STREAM_PIXELS = 5;

/** The same pixels for the same seed. */
export function drawPixels(prior: DecayPrior, photons: number, pixels: number, seed: number): PixelSet {
  const source = new DecaySource(prior);
  const random = new Random(seed, STREAM_PIXELS, photons);
  const shares = new Float64Array(source.gates);
  const set: PixelSet = { photons, counts: [], truths: [] };
  while (set.counts.length < pixels) {
    const truth = source.draw(random, photons, shares);
    const counts = new Uint32Array(source.gates);
    if (drawCounts(random, shares, photons, counts) === 0) continue;
    set.counts.push(counts);
    set.truths.push(truth);
  }
  return set;
}

/** Photons in the gates of pixels that all hold one lifetime: a prior's instrument, nothing left open. */
export function drawMonoPixels(
  prior: DecayPrior,
  tauPs: number,
  photons: number,
  background: number,
  pixels: number,
  seed: number,
): Uint32Array[] {
  const certain: DecayPrior = {
    ...prior,
    irfJitterPs: 0,
    irfWidthJitter: 0,
    background: [background, background],
    darkPhotons: [0, 0],
    tauPs: [tauPs, tauPs],
    mono: 1,
    species: null,
  };
  return drawPixels(certain, photons, pixels, seed).counts;
}
