import { FlimdError } from '../protocol/errors.js';
import type { FileSource, RecordedDecay } from '../recording/recorded-decay.js';
import { recordingError } from '../recording/recording-error.js';
import type { BinRange } from '../recording/usable-bins.js';
import type { MeasuredIrf } from '../training/measured-irf.js';
import { fitRegions, type RegionFit } from './image-regions.js';
import { fitInstrument, type InstrumentFit } from './instrument-fit.js';
import type { BinnedCounts, ResponseFamily } from './instrument-model.js';
import { proposeFlags, type TrainingFlags } from './proposal.js';
import { type Estimate, estimatesOf, type InstrumentEstimates, POOR_CHI2 } from './verdict.js';

export interface CalibrationOptions {
  /** null: estimated from the light of the pulse before. */
  laserPeriodPs: number | null;
  /** A formula, the one of both that fits better, or a measured response that is only moved. */
  response: 'gaussian' | 'rectangle' | 'better' | MeasuredIrf;
  /** Bins to use; null for those that the recording shows to be usable. */
  window: BinRange | null;
}

/** What a recording says about the instrument it was made with. */
export interface Calibration {
  source: FileSource;
  bins: number;
  binWidthPs: number;
  used: BinRange;
  /** In the bins used. */
  photons: number;
  response: 'gaussian' | 'rectangle' | 'measured';
  /** How far a measured response had to be moved from where it was measured; null for a formula. */
  shift: Estimate | null;
  components: 1 | 2;
  reducedChi2: number;
  estimates: InstrumentEstimates;
  /** Parts of an image, fitted by themselves; empty for a single decay. */
  regions: RegionFit[];
  flags: TrainingFlags;
  notes: string[];
}

/** Fewer photons do not tell eight numbers. */
const LEAST_PHOTONS = 2000;
const LEAST_BINS = 16;
/** Counts that come in steps are scaled, not counted; this many filled bins are not multiples by chance. */
const STEPS_FROM_BINS = 8;

/**
 * Estimates an instrument from a bright or uniform sample.
 * @throws FlimdError FLIMD_E_RECORDING where the recording cannot tell, FLIMD_E_CONFIG where an option is missing.
 */
export function calibrate(recording: RecordedDecay, options: CalibrationOptions): Calibration {
  const { binWidthPs, startPs, source } = recording;
  const used = usedBins(recording, options);
  const data: BinnedCounts = {
    startPs: startPs + used.first * binWidthPs,
    binWidthPs,
    counts: recording.counts.slice(used.first, used.end),
  };
  checkCounts(recording, data);
  const fit = bestFamily(data, options);
  const estimates = estimatesOf(fit);
  requirePeriod(estimates, recording);
  const regions = recording.image === null ? [] : fitRegions(recording.image, used, fit);
  return {
    source,
    bins: recording.counts.length,
    binWidthPs,
    used,
    photons: data.counts.reduce((sum, count) => sum + count, 0),
    response: typeof fit.form.family === 'string' ? fit.form.family : 'measured',
    shift: shiftOf(estimates, options.response),
    components: fit.form.components,
    reducedChi2: fit.reducedChi2,
    estimates,
    regions,
    flags: proposeFlags(fit, regions, { bins: recording.counts.length, used, binWidthPs, startPs }),
    notes: notesOf(fit, estimates, recording, options),
  };
}

function usedBins(
  { counts, usable, binWidthPs }: RecordedDecay,
  { window, laserPeriodPs }: CalibrationOptions,
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

function checkCounts({ source, startPs, binWidthPs }: RecordedDecay, { counts }: BinnedCounts): void {
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

function bestFamily(data: BinnedCounts, { response, laserPeriodPs }: CalibrationOptions): InstrumentFit {
  if (typeof response !== 'string')
    return fitInstrument(data, response.shape, laserPeriodPs, response.centerPs);
  const candidates: ResponseFamily[] = response === 'better' ? ['gaussian', 'rectangle'] : [response];
  return candidates
    .map((family) => fitInstrument(data, family, laserPeriodPs))
    .reduce((better, fit) => (fit.deviance < better.deviance ? fit : better));
}

/** With a wrong period every lifetime is wrong without a sign of it: it is found or given, not assumed. */
function requirePeriod(
  { laserPeriodPs }: InstrumentEstimates,
  { image, binWidthPs, counts }: RecordedDecay,
): void {
  if (laserPeriodPs.confidence !== 'not determined') return;
  const counted = image?.syncRateHz
    ? `; the file says that ${image.syncRateHz} pulses per second were counted`
    : '';
  throw new FlimdError(
    'FLIMD_E_CONFIG',
    'the laser period is not given, and the recording does not tell it',
    {
      value: 'no light of the pulse before that could be told from background',
      expected: `--laser-period-ps, the time between two laser pulses${counted}`,
      action:
        'add --laser-period-ps (80 MHz: 12500, 76 MHz: 13157.895, 40 MHz: 25000); ' +
        `the window, ${Number((binWidthPs * counts.length).toPrecision(6))} ps, is not it`,
    },
  );
}

function shiftOf(
  { irfCenterPs }: InstrumentEstimates,
  response: CalibrationOptions['response'],
): Estimate | null {
  return typeof response === 'string'
    ? null
    : { ...irfCenterPs, value: irfCenterPs.value - response.centerPs };
}

function notesOf(
  fit: InstrumentFit,
  { laserPeriodPs }: InstrumentEstimates,
  { image }: RecordedDecay,
  { response }: CalibrationOptions,
): string[] {
  const poor = fit.reducedChi2 > POOR_CHI2;
  const notes = [
    fit.form.placed !== null &&
      (typeof response === 'string'
        ? 'the rising edge is not in the window: response and centre are missing below; fractions and means are those ' +
          'of a pulse just before the window'
        : 'the rising edge is not in the window: the response stays where it was measured'),
    response === 'better' &&
      fit.form.placed === null &&
      `a ${String(fit.form.family)} fits better than the other formula`,
    poor &&
      'the model does not describe this decay to the noise of its photons: standard errors are enlarged by √chi², and ' +
        `what is beyond them depends on the model${typeof response === 'string' ? '; a measured response (--irf FILE) may help' : ''}`,
    laserPeriodPs.confidence === 'rough' &&
      `the laser period is an estimate: look it up and give it with --laser-period-ps${
        image?.syncRateHz ? ` (the file counted ${image.syncRateHz} pulses per second)` : ''
      }`,
    image === null &&
      'one decay shows one position: how far the edge wanders over an image is not in --irf-jitter-ps',
  ];
  return notes.filter((note) => typeof note === 'string');
}
