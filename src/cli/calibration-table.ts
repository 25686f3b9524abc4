import type { Calibration } from '../calibration/calibrate.js';
import type { Estimate } from '../calibration/verdict.js';
import type { RegionFit } from '../calibration/image-regions.js';

/** A calibration as a table for people. */
export function calibrationTable(calibration: Calibration): string[] {
  const { source, used, bins, binWidthPs, photons, reducedChi2, components, response } = calibration;
  const lifetimes = components === 1 ? 'one lifetime' : 'two lifetimes';
  return [
    `${source.name}: ${Math.round(photons)} photons in bins ${used.first} to ${used.end - 1} of ${bins}, ` +
      `${Number(binWidthPs.toPrecision(8))} ps each`,
    `model: ${response} response, ${lifetimes}, wrap-around, background; reduced chi² ${reducedChi2.toPrecision(3)}`,
    '',
    ...estimateRows(calibration),
    ...regionRows(calibration.regions),
    ...calibration.notes.flatMap((note) => ['', `note: ${note}`]),
  ];
}

function estimateRows({ estimates: e, shift, response }: Calibration): string[] {
  const rows: [label: string, unit: string, digits: number, estimate: Estimate | null][] = [
    ['response, centre', 'ps', 1, e.irfCenterPs],
    ['response, moved by', 'ps', 1, shift],
    [response === 'rectangle' ? 'response, width' : 'response, FWHM', 'ps', 1, e.irfWidthPs],
    ['laser period', 'ps', 1, e.laserPeriodPs],
    ['background', 'photons per bin', 2, e.backgroundPerBin],
    ['background', '% of the photons', 2, percent(e.backgroundShare)],
    ...e.tausPs.map((tau, index): [string, string, number, Estimate] => [
      `lifetime ${index + 1}`,
      'ps',
      1,
      tau,
    ]),
    ['photons of lifetime 1', '%', 2, e.fraction && percent(e.fraction)],
    ['mean, by amplitude', 'ps', 1, e.meanLifetimeAmplitudePs],
    ['mean, by intensity', 'ps', 1, e.meanLifetimeIntensityPs],
  ];
  return [
    `${'quantity'.padEnd(22)} ${'value'.padStart(12)}   ${'std. error'.padEnd(10)} ${'unit'.padEnd(17)} verdict`,
    ...rows.flatMap(([label, unit, digits, estimate]) =>
      estimate === null ? [] : [row(label, unit, digits, estimate)],
    ),
  ];
}

function percent(estimate: Estimate): Estimate {
  const { value, standardError } = estimate;
  return {
    ...estimate,
    value: 100 * value,
    standardError: standardError === null ? null : 100 * standardError,
  };
}

function row(label: string, unit: string, digits: number, estimate: Estimate): string {
  const { value, standardError: error, confidence, reason } = estimate;
  const deviation = error === null ? '' : `± ${error < 100 ? error.toPrecision(2) : error.toFixed(0)}`;
  const verdict = reason === '' ? confidence : `${confidence}: ${reason}`;
  return `${label.padEnd(22)} ${value.toFixed(digits).padStart(12)}   ${deviation.padEnd(10)} ${unit.padEnd(17)} ${verdict}`;
}

function regionRows(regions: readonly RegionFit[]): string[] {
  if (regions.length === 0) return [];
  const shifts = regions.map(({ shiftPs }) => shiftPs);
  const [least, most] = [Math.min(...shifts), Math.max(...shifts)];
  const named = (shift: number): string => regions[shifts.indexOf(shift)]!.name;
  const signed = (shift: number): string => `${shift < 0 ? '−' : '+'}${Math.abs(shift).toFixed(0)} ps`;
  return [
    '',
    `over the image (${regions.length} regions) the response lies ${signed(least)} (${named(least)}) to ` +
      `${signed(most)} (${named(most)}) from that centre`,
  ];
}
