/** Steps over which the learning rate rises from 0: the first gradients of a fresh network are large. */
const WARM_UP_STEPS = 200;

/** Learning rate of a step: a short linear warm-up, then half a cosine down to 0 (Loshchilov & Hutter 2017). */
export function learningRateAt(peak: number, step: number, fractionDone: number): number {
  const warmUp = Math.min(1, (step + 1) / WARM_UP_STEPS);
  return peak * warmUp * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, fractionDone)));
}
