export interface BackoffOptions {
  /** Longest first delay, ms. */
  initialMs: number;
  /** No delay is longer, ms. */
  maxMs: number;
}

/**
 * Exponential backoff with "equal jitter": half of the delay is fixed, half is random, so that
 * the viewers of a restarted daemon neither hammer it nor come back all at once.
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number): number {
  const ceiling = Math.min(options.maxMs, options.initialMs * 2 ** attempt);
  return ceiling * (0.5 + 0.5 * random());
}
