import { FlimdError } from '../protocol/errors.js';
import { RECORDING_SUFFIX } from './recording-layout.js';

/** A name, and nothing that leads out of its folder. */
const PLAIN_NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N} ._+-]*$/u;
/** File systems take 255, and there are suffixes. */
const MOST_BYTES = 230;

/** What can stand in a template, in braces. */
export interface NameParts {
  series: number;
  /** Unix time, ms. */
  startedAt: number;
  serial: string;
}

/**
 * The name of a recording that its user gave, with its suffix.
 * @throws FlimdError FLIMD_E_REQUEST where it is no plain name
 */
export function checkedName(name: string): string {
  const stem = name.endsWith(RECORDING_SUFFIX) ? name.slice(0, -RECORDING_SUFFIX.length) : name;
  if (PLAIN_NAME.test(stem) && Buffer.byteLength(stem) <= MOST_BYTES) return stem + RECORDING_SUFFIX;
  throw new FlimdError('FLIMD_E_REQUEST', 'this is no name for a recording', {
    value: name.slice(0, 200),
    expected: 'letters, digits, blanks and . _ + -, beginning with a letter or digit, without folders',
    action: 'give a name alone; recordings go to recording.directory',
  });
}

/** `{date}-{series}` and the like filled in, with its suffix; times are UTC. */
export function nameFromTemplate(template: string, { series, startedAt, serial }: NameParts): string {
  const [date, time] = new Date(startedAt).toISOString().split('T') as [string, string];
  const parts: Record<string, string> = {
    series: String(series),
    date,
    time: `${time.slice(0, 8).replaceAll(':', '')}Z`,
    serial,
  };
  const filled = template.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
  return checkedName(filled.replace(/[^\p{L}\p{M}\p{N} ._+-]/gu, '_'));
}

/** The name of the nth recording of a series: a second one does not need to be named anew. */
export const numberedName = (name: string, number: number): string =>
  number < 2 ? name : `${name.slice(0, -RECORDING_SUFFIX.length)}-${number}${RECORDING_SUFFIX}`;
