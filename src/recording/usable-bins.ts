/** Bins in which the converter counts as it should: `first` up to, not including, `end`. */
export interface BinRange {
  first: number;
  end: number;
}

/** Photons a range needs before its shape says anything. */
const LEAST_PHOTONS = 10_000;
/** A converter's ramp (its dithering) is not longer than this share of the bins. */
const RAMP_SHARE = 1 / 12;
const STEP = 4;
/** The light before the pulse, to which the lower ramp climbs, is less than this part of the peak. */
const BEFORE_PULSE = 0.25;
/** At the upper end: a fall this much steeper than the decay before it belongs to the ramp. */
const STEEPER = 0.95;

/**
 * Usable bins of a recording: inside the discriminator limits of the header, and without the ramps that
 * dithering leaves at both ends of the data (field notes §10). Limits are in percent of the converter's range,
 * 0 … 100; `sum` is the decay of the whole image.
 */
export function usableBins(sum: Float64Array, lowPercent: number, highPercent: number): BinRange {
  const bins = sum.length;
  const limited = highPercent > lowPercent && highPercent <= 100 && lowPercent >= 0;
  const range = {
    first: limited ? Math.ceil((lowPercent / 100) * bins) : 0,
    end: limited ? Math.floor((highPercent / 100) * bins) : bins,
  };
  const photons = sum.reduce((total, count) => total + count, 0);
  if (photons < LEAST_PHOTONS) return range;
  return {
    first: Math.max(range.first, endOfLowerRamp(sum)),
    end: Math.min(range.end, startOfUpperRamp(sum)),
  };
}

/**
 * Above the converter's lower limit the counts climb to the level of the light before the pulse. The ramp ends
 * where the next bins are no higher, within noise; if nothing levels off, there is no ramp but a pulse.
 */
function endOfLowerRamp(sum: Float64Array): number {
  const start = sum.findIndex((count) => count > 0);
  const longest = Math.ceil(sum.length * RAMP_SHARE);
  const peak = sum.reduce((most, count) => Math.max(most, count), 0);
  for (let bin = start; bin < Math.min(start + longest, sum.length - STEP); bin++) {
    if (sum[bin] === 0) continue;
    let next = 0;
    for (let i = 1; i <= STEP; i++) next += sum[bin + i]! / STEP;
    if (next > sum[bin]! + 3 * Math.sqrt(sum[bin]!)) continue;
    return bin === start || sum[bin]! > BEFORE_PULSE * peak ? start : bin + 1;
  }
  return start;
}

/** Below the upper limit the decay falls faster than it did before; steps of several bins even out noise. */
function startOfUpperRamp(sum: Float64Array): number {
  let end = sum.length;
  while (end > 0 && sum[end - 1] === 0) end--;
  const longest = Math.ceil(sum.length * RAMP_SHARE);
  const before = end - longest - 1;
  // Without light before it, nothing says how steep is usual.
  if (before - 2 * STEP < 0 || sum[before] === 0 || sum[before - STEP] === 0) return end;
  const usual = sum[before]! / sum[before - STEP]!;
  for (const stop = end - longest; end > stop; end--) {
    const earlier = sum[end - 1 - STEP]!;
    const expected = earlier * Math.min(1, usual);
    const noise = 3 * Math.sqrt(expected);
    if (sum[end - 1]! >= STEEPER * expected - noise) break;
  }
  return end;
}
