import { fixedPoint } from '../protocol/fixed-point.js';
import type { CameraDescription } from '../protocol/stream.js';
import { poisson } from '../random/poisson.js';
import type { Random } from '../random/random.js';
import type { LifetimeJudge } from './lifetime-judge.js';

const FULL = 0xffff;

/** What frames are made for. */
export interface FrameTerms {
  pixels: number;
  bins: number;
  binWidthPs: number;
  laserPeriodPs: number;
  lifetimeRangePs: readonly [number, number];
  /** Bins that the network reads, and those that it does not. */
  gateBins: number[];
  otherBins: number[];
  /** Below this a pixel is invalid. */
  minPhotons: number;
}

/** Writes one pixel of a frame into `counts`, all 0 so far. */
type PixelMaker = (counts: Uint16Array, random: Random, terms: FrameTerms, pixel: number) => void;

/** A lifetime range for cameras without a network. */
const WIDE_RANGE_PS = [200, 5000] as const;
const MOST_PHOTONS = 5000;
/** The rise of a decay lies somewhere in this first part of the window. */
const RISE_WITHIN = 0.2;

/** Kinds of frames, each a way for a network, a memory or a link to go wrong. */
const makers = {
  decays: makeDecay,
  empty: () => {},
  'one photon': (counts, random, { bins }) => void (counts[random.below(bins)] = 1),
  'one bin': (counts, random, { bins }, pixel) => void (counts[pixel % bins] = 1 + random.below(FULL)),
  'edge bins': (counts, random, { bins }) => {
    counts[0] = random.below(FULL + 1);
    counts[bins - 1] = random.below(FULL + 1);
  },
  saturated: (counts) => void counts.fill(FULL),
  noise: (counts, random) => {
    const most = 2 ** (1 + random.below(16));
    counts.forEach((_, bin) => (counts[bin] = random.below(most)));
  },
  'around minPhotons': (counts, random, { gateBins, otherBins, minPhotons }) => {
    const photons = Math.max(0, minPhotons - 2 + random.below(5));
    for (let i = 0; i < photons; i++) counts[gateBins[random.below(gateBins.length)]!]!++;
    // Photons outside the gates do not count.
    for (const bin of otherBins) counts[bin] = random.below(minPhotons + 1);
  },
  'around 2^20 photons': (counts, random, { gateBins }) => {
    const photons = fixedPoint.maxPhotons - 2 + random.below(5);
    const each = Math.floor(photons / gateBins.length);
    for (const bin of gateBins) counts[bin] = each;
    counts[gateBins[random.below(gateBins.length)]!]! += photons - each * gateBins.length;
  },
} satisfies Record<string, PixelMaker>;

export type FrameKind = keyof typeof makers;

/** The kinds that there can be with these terms: 2^20 photons need enough bins of 16 bits. */
export function frameKinds({ gateBins }: Pick<FrameTerms, 'gateBins'>): FrameKind[] {
  const room = (FULL - gateBins.length) * gateBins.length;
  return (Object.keys(makers) as FrameKind[]).filter(
    (kind) => kind !== 'around 2^20 photons' || room > fixedPoint.maxPhotons + 2,
  );
}

/** Terms for a camera; without a judge every bin counts, and no pixel has too few photons. */
export function frameTerms(
  { width, height, bins, binWidthPs, laserPeriodPs }: CameraDescription,
  judge: LifetimeJudge | null,
  minPhotons: number,
): FrameTerms {
  const all = Array.from({ length: bins }, (_, bin) => bin);
  const inGate = (bin: number): boolean =>
    judge === null ||
    judge.plan.firstBin.some((first, gate) => first <= bin && bin < judge.plan.endBin[gate]!);
  return {
    ...{ pixels: width * height, bins, binWidthPs, laserPeriodPs, minPhotons },
    lifetimeRangePs: judge?.model.network.lifetimeRangePs ?? WIDE_RANGE_PS,
    gateBins: all.filter(inGate),
    otherBins: all.filter((bin) => !inGate(bin)),
  };
}

/** Histograms `[pixel][bin]`. */
export function makeFrame(kind: FrameKind, random: Random, terms: FrameTerms): Uint16Array {
  const { pixels, bins } = terms;
  const make: PixelMaker = makers[kind];
  const frame = new Uint16Array(pixels * bins);
  for (let pixel = 0; pixel < pixels; pixel++) {
    make(frame.subarray(pixel * bins, (pixel + 1) * bins), random, terms, pixel);
  }
  return frame;
}

/** Two lifetimes of the range in shares by chance, from a few photons to thousands, with Poisson noise. */
function makeDecay(counts: Uint16Array, random: Random, terms: FrameTerms): void {
  const { bins, binWidthPs, laserPeriodPs, lifetimeRangePs } = terms;
  const [low, high] = lifetimeRangePs;
  const photons = MOST_PHOTONS ** random.uniform();
  const share = random.uniform();
  const rise = random.below(Math.ceil(RISE_WITHIN * bins));
  const binsPerPeriod = Math.round(laserPeriodPs / binWidthPs);
  const means = new Float64Array(bins);
  for (const part of [share, 1 - share]) {
    const tauPs = low + (high - low) * random.uniform();
    const perBin = Math.exp(-binWidthPs / tauPs);
    // Of a pulse train: what is left of earlier pulses is in the whole window.
    const first = (part * photons * (1 - perBin)) / (1 - Math.exp(-laserPeriodPs / tauPs));
    for (let bin = 0; bin < bins; bin++) {
      means[bin]! += first * perBin ** ((bin - rise + binsPerPeriod) % binsPerPeriod);
    }
  }
  means.forEach((mean, bin) => (counts[bin] = Math.min(FULL, poisson(mean, random))));
}
