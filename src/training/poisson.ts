import type { Random } from '../camera-sim/random.js';

/** Below this mean the product of uniforms is faster than rejection (Hörmann 1993, whose PTRS needs 10 or more). */
const SMALL_MEAN = 10;
/** log k! for small k; above, Stirling's series. */
const LOG_FACTORIALS = Float64Array.from({ length: 16 }, (_, k) => logFactorialOf(k));

/** A Poisson number of the given mean (0 or more). */
export function poisson(random: Random, mean: number): number {
  return mean < SMALL_MEAN ? poissonByProduct(random, mean) : poissonByRejection(random, mean);
}

function poissonByProduct(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}

/** PTRS: transformed rejection with squeeze. W. Hörmann, Insurance: Mathematics and Economics 12 (1993) 39–45. */
function poissonByRejection(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const accepted = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (accepted <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}

function logFactorialOf(k: number): number {
  let sum = 0;
  for (let i = 2; i <= k; i++) sum += Math.log(i);
  return sum;
}

function logFactorial(k: number): number {
  if (k < LOG_FACTORIALS.length) return LOG_FACTORIALS[k]!;
  const inverse = 1 / (k + 1);
  return (
    (k + 0.5) * Math.log(k + 1) -
    (k + 1) +
    0.9189385332046727 +
    inverse / 12 -
    (inverse * inverse * inverse) / 360
  );
}
