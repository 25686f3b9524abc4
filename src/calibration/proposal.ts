import type { BinRange } from '../recording/usable-bins.js';
import type { RegionFit } from './image-regions.js';
import type { InstrumentFit } from './instrument-fit.js';
import { standardError } from './instrument-fit.js';
import type { MeasuredIrf } from '../training/measured-irf.js';

/** Options of `flimd model train` for an instrument, as text: what stands on the command line. */
export interface TrainingFlags {
  laserPeriodPs: string;
  bins: string;
  binWidthPs: string;
  window: string;
  gates: string;
  /** Absent where the response is a measured one, or the window does not show its edge. */
  irf?: string;
  /** Absent where the window does not show the edge and no measurement tells it. */
  irfCenterPs?: string;
  irfJitterPs: string;
  irfWidthJitter: string;
  background: string;
}

const GATES = 32;
/** An uncertainty is covered by this many standard errors. */
const COVER = 2;
/** A recording shows one state of an instrument; between files the edge moves by a bin or so (field notes §10). */
const LEAST_JITTER_BINS = 0.5;
const LEAST_WIDTH_JITTER = 0.05;
const MOST_WIDTH_JITTER = 0.5;
/** Other samples are dimmer or brighter than this one, by this factor either way. */
const BACKGROUND_FACTOR = 1.5;
const MOST_BACKGROUND = 0.5;

/** Training options that cover what a fit found, how sure it is, and how the parts of an image differ. */
export function proposeFlags(
  fit: InstrumentFit,
  regions: readonly RegionFit[],
  layout: { bins: number; used: BinRange; binWidthPs: number; startPs: number },
): TrainingFlags {
  const { state } = fit;
  const { used, binWidthPs } = layout;
  const fromBinZero = Math.round(layout.startPs / binWidthPs);
  const [first, end] = [used.first + fromBinZero, used.end + fromBinZero];
  return {
    laserPeriodPs: decimals(state.laserPeriodPs, 3),
    bins: String(layout.bins + fromBinZero),
    binWidthPs: decimals(binWidthPs, 6),
    window: `${first}..${end}`,
    gates: String(Math.min(GATES, end - first)),
    ...responseFlags(fit),
    irfJitterPs: decimals(jitterPs(fit, regions, binWidthPs), 0),
    irfWidthJitter: decimals(widthJitter(fit, regions), 2),
    background: backgroundRange(fit, regions),
  };
}

function responseFlags({ state, form }: InstrumentFit): Pick<TrainingFlags, 'irf' | 'irfCenterPs'> {
  const irfCenterPs = decimals(state.centerPs, 0);
  if (typeof form.family !== 'string') return { irfCenterPs };
  return form.placed === null ? { irf: `${form.family}:${decimals(state.widthPs, 0)}`, irfCenterPs } : {};
}

const decimals = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** How far something surely lies off, its own error taken off: noise is no spread. */
const surely = (shift: number, error: number): number =>
  Number.isNaN(shift) || Number.isNaN(error) ? 0 : Math.max(0, Math.abs(shift) - COVER * error);

function jitterPs(fit: InstrumentFit, regions: readonly RegionFit[], binWidthPs: number): number {
  const spread = regions.map(({ shiftPs, shiftErrorPs }) => surely(shiftPs, shiftErrorPs));
  const error = COVER * (standardError(fit, 'center') || 0);
  return 5 * Math.ceil(Math.max(LEAST_JITTER_BINS * binWidthPs, error, ...spread) / 5);
}

function widthJitter(fit: InstrumentFit, regions: readonly RegionFit[]): number {
  // A measured response has its width; stretching it would move its reflections as well.
  if (typeof fit.form.family !== 'string') return 0;
  const spread = regions.map(({ widthChange, widthChangeError }) => surely(widthChange, widthChangeError));
  const error = COVER * (standardError(fit, 'logWidth') || 0);
  return Math.min(MOST_WIDTH_JITTER, Math.ceil(100 * Math.max(LEAST_WIDTH_JITTER, error, ...spread)) / 100);
}

function backgroundRange(fit: InstrumentFit, regions: readonly RegionFit[]): string {
  const perWindow = fit.expected.length / fit.expected.reduce((sum, mean) => sum + mean, 0);
  const error = COVER * (standardError(fit, 'background') || 0) * perWindow;
  const whole = fit.state.backgroundPerBin * perWindow;
  const shares = [whole - error, whole + error, ...regions.map(({ backgroundShare }) => backgroundShare)];
  const low = Math.max(0, Math.min(...shares)) / BACKGROUND_FACTOR;
  const high = Math.min(MOST_BACKGROUND, Math.max(0.01, ...shares) * BACKGROUND_FACTOR);
  return `${decimals(Math.floor(1000 * Math.min(low, high)) / 1000, 3)}..${decimals(Math.ceil(1000 * high) / 1000, 3)}`;
}

const flagNames: Record<keyof TrainingFlags, string> = {
  laserPeriodPs: '--laser-period-ps',
  bins: '--bins',
  binWidthPs: '--bin-width-ps',
  window: '--window',
  gates: '--gates',
  irf: '--irf',
  irfCenterPs: '--irf-center-ps',
  irfJitterPs: '--irf-jitter-ps',
  irfWidthJitter: '--irf-width-jitter',
  background: '--background',
};

/** As one command line; a measured response is named by the path it was given with. */
export function commandLine(flags: TrainingFlags, irfFile: string | null): string {
  const all = irfFile === null ? flags : { ...flags, irf: irfFile };
  const words = (Object.keys(flagNames) as (keyof TrainingFlags)[]).flatMap((name) =>
    all[name] === undefined ? [] : [flagNames[name], quoted(all[name])],
  );
  return ['flimd model train --name NAME', ...words, '--steps 60000'].join(' ');
}

const quoted = (word: string): string =>
  /^[\w./:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The form in which `flimd model train --instrument` reads them. */
export interface InstrumentFile {
  format: 'flimd-instrument';
  version: 1;
  source: { name: string; sha256: string };
  flags: TrainingFlags;
  /** Where the response is a measured one. */
  measuredIrf?: MeasuredIrf['shape'];
}
