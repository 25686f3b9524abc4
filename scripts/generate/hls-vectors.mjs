// Vectors of the HLS test bench (hls/tb/vectors.h) for a shipped model: decays of few photons to many, dark and saturated
// pixels, with what the reference arithmetic makes of them.
import { gateCounts, inferLifetimes } from '../../dist/lifetime/reference.js';
import { decodeDecay } from '../../dist/lifetime/reference-decoder.js';
import { Random } from '../../dist/random/random.js';

const PIXELS = 37;
const SEED = 5;

/** Counts of a pixel: a decay whose brightness goes up with the pixel's number; the last three are special. */
function countsOf(random, pixel, bins) {
  const peak = 1.35 ** Math.min(pixel, 24);
  const fast = 4 + random.uniform() * 20;
  const expected = (bin) => (bin < bins / 8 ? 0 : peak * Math.exp((-fast * (bin - bins / 8)) / bins));
  if (pixel === PIXELS - 3) return new Uint16Array(bins);
  if (pixel === PIXELS - 2) return new Uint16Array(bins).fill(65535);
  if (pixel === PIXELS - 1)
    return Uint16Array.from({ length: bins }, (_, bin) => (bin === bins - 1 ? 30 : 0));
  return Uint16Array.from({ length: bins }, (_, bin) => Math.round(2 * random.uniform() * expected(bin)));
}

/** The text of a vectors file for a package on the bins of a plan. */
export function hlsVectors({ network, decoder }, plan) {
  const random = new Random(SEED);
  const steps = decoder ? network.gates : 0;
  const rows = Array.from({ length: PIXELS }, (_, pixel) => {
    const histogram = countsOf(random, pixel, plan.bins);
    const counts = gateCounts(histogram, 0, plan);
    const photons = counts.reduce((sum, count) => sum + count, 0);
    const [amplitude, intensity, amplitudeError, intensityError] = inferLifetimes(network, counts, 0) ?? [
      0, 0, 0, 0,
    ];
    const decay = decoder ? (decodeDecay(network, decoder, counts) ?? new Uint16Array(steps)) : [];
    return [...histogram, amplitude, intensity, photons, amplitudeError, intensityError, ...decay].join(' ');
  });
  return `${[`${plan.bins} ${PIXELS} 0 ${steps}`, ...rows].join('\n')}\n`;
}
