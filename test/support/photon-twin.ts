import { Random } from '../../src/random/random.js';
import type { RecordedDecay } from '../../src/recording/recorded-decay.js';

/** A recording made photon by photon, without any of the formulas that a calibration uses. */
export interface Twin {
  photons: number;
  laserPeriodPs: number;
  bins: number;
  binWidthPs: number;
  /** One delay of the response, ps: its centre included. */
  delayPs: (random: Random) => number;
  /** Lifetimes, ps, and the part of the photons with the first. */
  tausPs: readonly number[];
  fraction?: number;
  /** Part of all photons in the window that knows no pulse. */
  background: number;
  seed?: number;
}

const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

export const gaussianDelay =
  (centerPs: number, fwhmPs: number) =>
  (random: Random): number =>
    centerPs + (fwhmPs / FWHM_PER_SIGMA) * random.normal();

export const rectangleDelay =
  (centerPs: number, widthPs: number) =>
  (random: Random): number =>
    centerPs + widthPs * (random.uniform() - 0.5);

export function twinRecording(twin: Twin): RecordedDecay {
  const {
    photons,
    laserPeriodPs,
    bins,
    binWidthPs,
    delayPs,
    tausPs,
    fraction = 1,
    background,
    seed = 1,
  } = twin;
  const random = new Random(seed, 77);
  const counts = new Float64Array(bins);
  for (let photon = 0; photon < photons;) {
    if (random.uniform() < background) {
      counts[random.below(bins)]!++;
      photon++;
      continue;
    }
    const tauPs = random.uniform() < fraction ? tausPs[0]! : tausPs[1]!;
    const arrivalPs = delayPs(random) - tauPs * Math.log(1 - random.uniform());
    const bin = Math.floor((arrivalPs - Math.floor(arrivalPs / laserPeriodPs) * laserPeriodPs) / binWidthPs);
    // A window shorter than the period misses light.
    if (bin >= bins) continue;
    counts[bin]!++;
    photon++;
  }
  return recordingOf(counts, binWidthPs);
}

export function recordingOf(counts: Float64Array, binWidthPs: number, startPs = 0): RecordedDecay {
  return {
    startPs,
    binWidthPs,
    counts,
    usable: { first: 0, end: counts.length },
    source: { name: 'twin.csv', sha256: '0'.repeat(64) },
    image: null,
  };
}

/** The response of an instrument with a long tail and a reflection, as a histogram of fine channels. */
export function reflectingResponse(channels: number, channelPs: number, centerPs: number): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) => {
    const past = (channel + 0.5) * channelPs - centerPs;
    const peak = Math.exp(-0.5 * (past / 45) ** 2);
    const tail = past > 0 ? 0.06 * (1 - Math.exp(-past / 60)) * Math.exp(-past / 260) : 0;
    const reflection = 0.04 * Math.exp(-0.5 * ((past - 2400) / 80) ** 2);
    return peak + tail + reflection;
  });
}

/** Draws delays from a histogram. */
export function histogramDelay(histogram: Float64Array, channelPs: number): (random: Random) => number {
  const passed = new Float64Array(histogram.length);
  let sum = 0;
  histogram.forEach((value, channel) => (passed[channel] = sum += value));
  return (random) => {
    const wanted = random.uniform() * sum;
    let [low, high] = [0, passed.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passed[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return (low + random.uniform()) * channelPs;
  };
}
