/** A run of detector bins of one width, and what was counted in it. */
export interface BinnedCounts {
  /** Start of its first bin from the start of bin 0, ps. */
  startPs: number;
  binWidthPs: number;
  counts: Float64Array;
}

/** More bins than this cost time and tell nothing: at 12.5 ns they are 12 ps wide. */
const ENOUGH_BINS = 1024;

/** How many bins to take together, so that few enough are left. */
export function joinFactor(bins: number): number {
  return Math.ceil(bins / ENOUGH_BINS);
}

/** The same counts in bins `factor` times as wide; bins left over at the end are left out. */
export function joinBins({ startPs, binWidthPs, counts }: BinnedCounts, factor: number): BinnedCounts {
  const joined = new Float64Array(Math.floor(counts.length / factor));
  for (let bin = 0; bin < joined.length * factor; bin++) joined[Math.floor(bin / factor)]! += counts[bin]!;
  return { startPs, binWidthPs: binWidthPs * factor, counts: joined };
}
