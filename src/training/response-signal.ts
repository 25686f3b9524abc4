/** What of a histogram is light of the pulse: the background taken off, what is lost in its noise set to 0. */
export interface ResponseSignal {
  /** Same bins as the histogram; 0 where there is nothing of the pulse. */
  signal: Float64Array;
  background: number;
}

/** The quiet part is looked for in pieces of this many bins, or more where the histogram is long. */
const LEAST_PIECE = 8;
const PIECES = 32;
/** A histogram with fewer pieces has no quiet part that could be told from the peak. */
const LEAST_PIECES = 4;
/** A piece is quiet when its mean is this close to the lowest, in standard errors of a piece. */
const QUIET_ERRORS = 4;
/** Light counts as such from this many standard deviations of the background on. */
const SIGNAL_ERRORS = 4.5;

/**
 * Takes the background off a measured response. Its level is the mean of the quiet part (all pieces of the histogram
 * that agree with the lowest one); the noise is read from the quiet part itself, so that normalised histograms do as
 * well as counts. Light is kept where it stands out of that noise in a bin, over the width of the peak, or over eight
 * times that: weak tails and reflections stay, noise does not become response.
 */
export function responseSignal(counts: Float64Array): ResponseSignal {
  const { level, noise } = quietLevel(counts);
  const above = counts.map((count) => count - level);
  const width = Math.max(1, binsAboveHalf(above));
  const keep = new Uint8Array(counts.length);
  if (noise === 0) keep.forEach((_, bin) => (keep[bin] = above[bin]! > 0 ? 1 : 0));
  else for (const bins of [1, width, 8 * width]) markSignal(above, noise, bins, keep);
  return {
    signal: above.map((value, bin) => (keep[bin] === 1 ? Math.max(0, value) : 0)),
    background: level,
  };
}

/** Level and noise (standard deviation of a bin) of the quiet part; 0 and 0 where there is none. */
function quietLevel(counts: Float64Array): { level: number; noise: number } {
  // Outside its limits a converter records nothing: that is no background.
  let first = counts.findIndex((count) => count > 0);
  let end = counts.length;
  while (end > first && counts[end - 1] === 0) end--;
  // Unless most of the histogram is so quiet.
  if (end - first < counts.length / 2) [first, end] = [0, counts.length];
  const piece = Math.max(LEAST_PIECE, Math.floor((end - first) / PIECES));
  const pieces = Array.from({ length: Math.floor((end - first) / piece) }, (_, index) =>
    counts.subarray(first + index * piece, first + (index + 1) * piece),
  );
  if (pieces.length < LEAST_PIECES) return { level: 0, noise: 0 };
  const means = pieces.map(mean);
  const lowest = means.indexOf(Math.min(...means));
  const reach =
    (QUIET_ERRORS * Math.max(scatter(pieces[lowest]!), Math.sqrt(means[lowest]!))) / Math.sqrt(piece);
  const quiet = pieces.filter((_, index) => means[index]! <= means[lowest]! + reach);
  return {
    level: quiet.reduce((sum, bins) => sum + mean(bins), 0) / quiet.length,
    noise: Math.sqrt(quiet.reduce((sum, bins) => sum + scatter(bins) ** 2, 0) / quiet.length),
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of a bin from the differences of neighbours: a slope does not count. */
function scatter(bins: Float64Array): number {
  let squares = 0;
  for (let i = 1; i < bins.length; i++) squares += (bins[i]! - bins[i - 1]!) ** 2;
  return Math.sqrt(squares / (2 * (bins.length - 1)));
}

/** Marks the bins of every run of `bins` whose sum stands out of the noise. */
function markSignal(above: Float64Array, noise: number, bins: number, keep: Uint8Array): void {
  const threshold = SIGNAL_ERRORS * noise * Math.sqrt(bins);
  let sum = 0;
  for (let bin = 0; bin < above.length; bin++) {
    sum += above[bin]! - (bin >= bins ? above[bin - bins]! : 0);
    if (bin >= bins - 1 && sum > threshold) keep.fill(1, bin - bins + 1, bin + 1);
  }
}

/** Bins around the highest one that are above half of it. */
function binsAboveHalf(values: Float64Array): number {
  const [first, end] = aboveHalf(values);
  return end - first;
}

/** The run of bins around the highest one that are at least half of it: first, and one past the last. */
export function aboveHalf(values: Float64Array): [first: number, end: number] {
  let peak = 0;
  for (let bin = 1; bin < values.length; bin++) if (values[bin]! > values[peak]!) peak = bin;
  let first = peak;
  let end = peak + 1;
  while (first > 0 && values[first - 1]! >= values[peak]! / 2) first--;
  while (end < values.length && values[end]! >= values[peak]! / 2) end++;
  return [first, end];
}
