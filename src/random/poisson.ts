import type { Random } from './random.js';

/** From this mean on, transformed rejection is faster than multiplying uniforms. */
const REJECTION_FROM = 12;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** log(k!): Stirling's series, exact to 1e-10 for k ≥ 7, from a table below. */
const logFactorials = Float64Array.from([1, 1, 2, 6, 24, 120, 720], Math.log);
function logFactorial(k: number): number {
  if (k < logFactorials.length) return logFactorials[k]!;
  const n = k + 1;
  const inverse = 1 / n;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (n - 0.5) * Math.log(n) - n + HALF_LOG_TWO_PI + series;
}

/** A Poisson number of the given mean (up to 1e6), exact. */
export function poisson(mean: number, random: Random): number {
  return mean < REJECTION_FROM ? byMultiplication(mean, random) : byRejection(mean, random);
}

/** Knuth: uniforms multiplied until they fall below exp(−mean). */
function byMultiplication(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}

/** PTRS of Hörmann, "The transformed rejection method for generating Poisson random variables" (1993). */
function byRejection(mean: number, random: Random): number {
  const slope = Math.sqrt(mean);
  const b = 0.931 + 2.53 * slope;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const quick = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = 1 - random.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= quick) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (left <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}
