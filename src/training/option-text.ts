import { FlimdError } from '../protocol/errors.js';
import type { FractionOf, Range, Species } from './decays.js';
import type { IrfShape } from './irf.js';

/** Options of `flimd model …` as they stand on the command line; every one throws FLIMD_E_CONFIG. */

export function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw malformed(option, text, 'a number');
  return value;
}

export function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new FlimdError('FLIMD_E_CONFIG', `${option} is missing`, { action: 'see --help of this command' });
}

/** `LOW..HIGH`, or one number for both. */
export function parseRange(option: string, text: string): Range {
  const parts = text.split('..');
  if (parts.length > 2) throw malformed(option, text, 'LOW..HIGH');
  const [low, high] = parts.map((part) => parseNumber(option, part));
  return [low!, high ?? low!];
}

/** `gaussian:FWHM` or `rectangle:WIDTH`, ps. */
export function parseIrf(option: string, text: string): IrfShape {
  const [kind, width = ''] = text.split(':');
  if (kind === 'gaussian') return { kind, fwhmPs: parseNumber(option, width) };
  if (kind === 'rectangle') return { kind, widthPs: parseNumber(option, width) };
  throw malformed(option, text, 'gaussian:FWHM or rectangle:WIDTH in ps, or a file with a measured response');
}

/** Anything that `parseIrf` would not try to read. */
export function isIrfFile(text: string): boolean {
  return !/^(gaussian|rectangle)(:|$)/.test(text);
}

/** A range given in ns, in ps. */
export function parseRangeNs(option: string, text: string): Range {
  const [low, high] = parseRange(option, text);
  return [1000 * low, 1000 * high];
}

/** `LOW..HIGH,LOW..HIGH` in ns: the two lifetimes of a sample. */
export function parseSpecies(option: string, text: string, share: number): Species {
  const ranges = text.split(',').map((part) => parseRangeNs(option, part));
  if (ranges.length !== 2) throw malformed(option, text, 'two ranges, LOW..HIGH,LOW..HIGH');
  return { tau1Ps: ranges[0]!, tau2Ps: ranges[1]!, share };
}

export function parseFractionOf(option: string, text: string): FractionOf {
  if (text === 'amplitude' || text === 'photons') return text;
  throw malformed(option, text, 'amplitude or photons');
}

/** Gates of one width, side by side from the start of the window; fs. */
export function evenGates(gates: number, gateWidthPs: number, windowStartPs: number): [number, number][] {
  const edge = (index: number): number => Math.round(1000 * (windowStartPs + index * gateWidthPs));
  return Array.from({ length: gates }, (_, gate) => [edge(gate), edge(gate + 1)]);
}

/**
 * Gates as runs of whole detector bins, `FIRST..END/GATES` separated by commas, END not included: `34..50/4,62..230/28`
 * is 4 gates of 4 bins, a gap, 28 gates of 6 bins. Returned in fs.
 */
export function parseGateSpec(option: string, text: string, binWidthPs: number): [number, number][] {
  return text.split(',').flatMap((part) => {
    const [, first, end, gates] = (/^(\d+)\.\.(\d+)\/(\d+)$/.exec(part) ?? []).map(Number);
    const bins = (end! - first!) / gates!;
    if (!Number.isInteger(bins) || bins < 1) {
      throw malformed(option, part, 'FIRST..END/GATES with a whole number of bins in every gate');
    }
    return evenGates(gates!, bins * binWidthPs, first! * binWidthPs);
  });
}

/** `FIRST..END` in bins, END not included, inside `bins`. */
export function parseWindow(option: string, text: string, bins: number): [first: number, end: number] {
  const [, first, end] = (/^(\d+)\.\.(\d+)$/.exec(text) ?? []).map(Number);
  if (first! < end! && end! <= bins) return [first!, end!];
  throw malformed(option, text, `FIRST..END, two bins up to ${bins}, END not included`);
}

/**
 * Gates of whole bins side by side over a window of bins. Where the bins do not divide evenly some gates get one more
 * than the others, spread over the window. In fs.
 */
export function gatesOfBins(
  option: string,
  gates: number,
  [first, end]: readonly [first: number, end: number],
  binWidthPs: number,
): [number, number][] {
  if (!(Number.isInteger(gates) && gates >= 1 && gates <= end - first)) {
    throw malformed(option, String(gates), `1 to ${end - first}, the bins of the window`);
  }
  const edge = (gate: number): number =>
    Math.round(1000 * binWidthPs * (first + Math.floor((gate * (end - first)) / gates)));
  return Array.from({ length: gates }, (_, gate) => [edge(gate), edge(gate + 1)]);
}

function malformed(option: string, value: string, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', `${option} is ${JSON.stringify(value)}, expected ${expected}`, {
    value,
    expected,
    action: 'see --help of this command',
  });
}
