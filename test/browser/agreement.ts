export interface Agreement {
  pixels: number;
  medianAbsoluteError: number;
  correlation: number;
}

/** How well two maps agree where both have a value and `where` says so. */
export function agreement(
  shown: ArrayLike<number>,
  truth: ArrayLike<number>,
  where: (at: number) => boolean,
): Agreement {
  const pairs = Array.from(shown, (value, at) => [value, truth[at]!, where(at)] as const).filter(
    ([value, , counts]) => counts && value !== 0,
  );
  const errors = pairs.map(([value, true_]) => Math.abs(value - true_)).sort((a, b) => a - b);
  return {
    pixels: pairs.length,
    medianAbsoluteError: errors[errors.length >> 1] ?? Infinity,
    correlation: correlation(
      pairs.map(([value]) => value),
      pairs.map(([, true_]) => true_),
    ),
  };
}

/** Pearson's. */
function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (p: number[], mp: number, q: number[], mq: number): number =>
    p.reduce((sum, value, i) => sum + (value - mp) * (q[i]! - mq), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
}
