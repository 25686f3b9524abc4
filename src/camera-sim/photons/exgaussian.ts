/**
 * The exponentially modified Gaussian: arrival time of a photon whose emission is exponential (lifetime tau)
 * and whose excitation and detection jitter is Gaussian (sigma). All in closed form.
 */

const SQRT_PI = Math.sqrt(Math.PI);
/** Beyond this the continued fraction converges faster than the series. */
const SERIES_LIMIT = 2.5;

/** exp(x²)·erfc(x) for x ≥ SERIES_LIMIT: the continued fraction of Abramowitz & Stegun 7.1.14, from its tail. */
function scaledErfc(x: number): number {
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (x + tail);
  return 1 / (SQRT_PI * (x + tail));
}

/** erf(x) for 0 ≤ x < SERIES_LIMIT: Abramowitz & Stegun 7.1.6, whose terms are all positive. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / SQRT_PI) * Math.exp(-x * x) * sum;
}

/** exp(a)·erfc(b), without overflow where a is large and erfc(b) tiny. */
function expErfc(a: number, b: number): number {
  if (b >= SERIES_LIMIT) return Math.exp(a - b * b) * scaledErfc(b);
  if (b >= 0) return Math.exp(a) * (1 - erfSeries(b));
  return 2 * Math.exp(a) - expErfc(a, -b);
}

/** Probability that the photon arrives later than `x` after the centre of the Gaussian; same unit for all. */
export function exGaussianSurvival(x: number, sigma: number, tau: number): number {
  const gaussian = expErfc(0, x / (sigma * Math.SQRT2)) / 2;
  const ratio = sigma / tau;
  const exponential = expErfc(ratio * (ratio / 2) - x / tau, (ratio - x / sigma) / Math.SQRT2) / 2;
  return gaussian + exponential;
}
