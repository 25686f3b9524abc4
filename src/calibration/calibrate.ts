import { FlimdError } from '../protocol/errors.js';
import type { FileSource, RecordedDecay } from '../recording/recorded-decay.js';
import type { BinRange } from '../recording/usable-bins.js';
import type { MeasuredIrf } from '../training/measured-irf.js';
import { type BinnedCounts, joinBins, joinFactor } from './binned-counts.js';
import { countPulses } from './first-guess.js';
import { fitRegions, type RegionFit } from './image-regions.js';
import { fitInstrument, type InstrumentFit } from './instrument-fit.js';
import type { ResponseFamily } from './instrument-model.js';
import { checkCounts, usedBins } from './recording-check.js';
import { proposeFlags, type TrainingFlags } from './proposal.js';
import { type Estimate, estimatesOf, type InstrumentEstimates, POOR_CHI2, scaled } from './verdict.js';

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

/**
 * Estimates an instrument from a bright or uniform sample.
 * @throws FlimdError FLIMD_E_RECORDING where the recording cannot tell, FLIMD_E_CONFIG where an option is missing.
 */
export function calibrate(recording: RecordedDecay, options: CalibrationOptions): Calibration {
  const { binWidthPs, startPs, source } = recording;
  const used = usedBins(recording, options.window, options.laserPeriodPs);
  const data: BinnedCounts = {
    startPs: startPs + used.first * binWidthPs,
    binWidthPs,
    counts: recording.counts.slice(used.first, used.end),
  };
  checkCounts(recording, data);
  if (options.laserPeriodPs === null && countPulses(data.counts) > 1) {
    throw periodMissing(recording, `${countPulses(data.counts)} pulses in the window`);
  }
  const factor = joinFactor(data.counts.length);
  const fit = bestFamily(joinBins(data, factor), options);
  const joined = estimatesOf(fit);
  const estimates = { ...joined, backgroundPerBin: scaled(joined.backgroundPerBin, 1 / factor) };
  if (estimates.laserPeriodPs.confidence === 'not determined') {
    throw periodMissing(recording, 'no light of the pulse before that could be told from background');
  }
  const regions = recording.image === null ? [] : fitRegions(recording.image, used, factor, fit);
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

function bestFamily(data: BinnedCounts, { response, laserPeriodPs }: CalibrationOptions): InstrumentFit {
  if (typeof response !== 'string')
    return fitInstrument(data, response.shape, laserPeriodPs, response.centerPs);
  const candidates: ResponseFamily[] = response === 'better' ? ['gaussian', 'rectangle'] : [response];
  return candidates
    .map((family) => fitInstrument(data, family, laserPeriodPs))
    .reduce((better, fit) => (fit.deviance < better.deviance ? fit : better));
}

/** With a wrong period every lifetime is wrong without a sign of it: it is found or given, not assumed. */
function periodMissing({ image, binWidthPs, counts }: RecordedDecay, found: string): FlimdError {
  const counted = image?.syncRateHz
    ? `; the file says that ${image.syncRateHz} pulses per second were counted`
    : '';
  return new FlimdError(
    'FLIMD_E_CONFIG',
    'the laser period is not given, and the recording does not tell it',
    {
      value: found,
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
