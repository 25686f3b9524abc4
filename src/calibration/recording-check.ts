import type { RecordedDecay } from '../recording/recorded-decay.js';
import { recordingError } from '../recording/recording-error.js';
import type { BinRange } from '../recording/usable-bins.js';
import type { BinnedCounts } from './binned-counts.js';

/** Fewer photons do not tell eight numbers. */
const LEAST_PHOTONS = 2000;
const LEAST_BINS = 16;
/** As many as a camera can have (gate-plan.ts). */
const MOST_BINS = 0xffff;
/** Counts that come in steps are scaled, not counted; this many filled bins are not multiples by chance. */
const STEPS_FROM_BINS = 8;

/** The bins to fit: those asked for, or those that the recording shows to be usable; a period at most. */
export function usedBins(
  { counts, usable, binWidthPs }: RecordedDecay,
  window: BinRange | null,
  laserPeriodPs: number | null,
): BinRange {
  const { first, end } = window ?? usable;
  // A period holds every photon once; what a longer window adds is the same light again.
  const bins = laserPeriodPs === null ? counts.length : Math.floor(laserPeriodPs / binWidthPs + 1e-6);
  const used = { first, end: Math.min(end, counts.length, first + bins) };
  if (used.end - used.first >= LEAST_BINS) return used;
  throw recordingError('there are too few usable bins', {
    value: `${used.first}..${used.end}`,
    expected: `${LEAST_BINS} or more`,
    action: 'name them with --window FIRST..END',
  });
}

/** Throws FLIMD_E_RECORDING where the counts are not photons on the time axis of a detector, or too few. */
export function checkCounts({ source, startPs, binWidthPs }: RecordedDecay, { counts }: BinnedCounts): void {
  if (counts.length > MOST_BINS) {
    throw recordingError(`${source.name} has too many bins`, {
      value: counts.length,
      expected: `${MOST_BINS} at most`,
      action: 'export it with wider bins',
    });
  }
  const photons = counts.reduce((sum, count) => sum + count, 0);
  const broken = counts.find((count) => !Number.isInteger(count));
  if (broken !== undefined) {
    throw recordingError(`${source.name} does not hold photon counts`, {
      value: broken,
      expected: 'whole numbers: how sure an estimate is follows from the number of photons',
      action: 'export the counts themselves, neither normalised nor corrected',
    });
  }
  const step = counts.reduce(greatestCommonDivisor, 0);
  if (step > 1 && counts.filter((count) => count > 0).length >= STEPS_FROM_BINS) {
    throw recordingError(`the counts of ${source.name} come in steps of ${step}: they are no photons`, {
      value: step,
      expected: 'one count for a photon',
      action: `divide them by ${step}`,
    });
  }
  if (photons < LEAST_PHOTONS) {
    throw recordingError(`${source.name} holds too few photons`, {
      value: photons,
      expected: `${LEAST_PHOTONS} or more; 100000 for a position within a few picoseconds`,
      action: 'record a brighter sample, or for longer',
    });
  }
  const offset = startPs / binWidthPs;
  if (Math.abs(offset - Math.round(offset)) > 0.02 || startPs < 0) {
    throw recordingError(`the first time of ${source.name} is no whole number of bins`, {
      value: `${startPs} ps, bins of ${binWidthPs} ps`,
      expected: 'the start of every bin, from the start of bin 0',
    });
  }
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
