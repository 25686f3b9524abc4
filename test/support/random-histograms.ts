import type { Random } from '../../src/random/random.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import type { LifetimeJob } from '../../src/lifetime/lifetime-job.js';

/** Pixels that a kernel may get wrong, one kind after the other: count of one bin. */
const pixelKinds: ((random: Random, bin: number, bins: number) => number)[] = [
  () => 0,
  (_random, bin, bins) => (bin === bins >> 1 ? 1 : 0),
  () => 65535,
  (random) => random.below(65536),
  (random) => random.below(2),
  (_random, bin) => (bin === 0 ? 65535 : 0),
  (_random, bin, bins) => (bin === bins - 1 ? 5 : 0),
  (random, bin, bins) => random.below(1 + 400 * Math.exp((-6 * bin) / bins)),
  (random, bin, bins) => random.below(1 + 4000 * Math.exp((-9 * bin) / bins)),
  // Around 2^20 photons, where a pixel becomes invalid.
  (random, _bin, bins) => Math.floor(2 ** 20 / bins) + random.below(3) - 1,
  (_random, _bin, bins) => Math.floor(2 ** 20 / bins),
];

export function randomHistograms(random: Random, pixels: number, bins: number): Uint16Array {
  const histograms = new Uint16Array(pixels * bins);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const count = pixelKinds[pixel % pixelKinds.length]!;
    for (let bin = 0; bin < bins; bin++) {
      histograms[pixel * bins + bin] = Math.min(65535, count(random, bin, bins));
    }
  }
  return histograms;
}

/** Gates of `width` bins, one after the other from `firstBin` on. */
export function evenPlan(
  gates: number,
  width: number,
  firstBin = 0,
  bins = firstBin + gates * width,
): GatePlan {
  return {
    bins,
    firstBin: Uint16Array.from({ length: gates }, (_, gate) => firstBin + gate * width),
    endBin: Uint16Array.from({ length: gates }, (_, gate) => firstBin + (gate + 1) * width),
  };
}

/** A job with output arrays full of a value that no kernel writes by accident. */
export function emptyJob(histograms: Uint16Array, pixels: number, bins: number): LifetimeJob {
  return {
    histograms,
    pixels,
    bins,
    minPhotons: 1,
    lifetimeAmplitude: new Uint16Array(pixels).fill(0xabcd),
    lifetimeIntensity: new Uint16Array(pixels).fill(0xabcd),
    standardErrorAmplitude: new Uint16Array(pixels).fill(0xabcd),
    standardErrorIntensity: new Uint16Array(pixels).fill(0xabcd),
    photons: new Uint32Array(pixels).fill(0xabcdabcd),
  };
}
