import { statSync } from 'node:fs';
import path from 'node:path';

/** What files of an export are named by: path and name, and the suffix of the main one. */
export interface OutputPlace {
  name: string;
  suffix: string;
}

const RECORDING_SUFFIXES = /(\.h5(\.partial)?|\.sdt(\.zip)?)$/i;

/**
 * @param out a folder (there, or with a slash at its end), or the name of the main file, whose suffix may be left out;
 *   null: beside the recording, under its name
 * @param suffixes of the main file; the first is the default
 */
export function placeOf(recording: string, out: string | null, suffixes: readonly string[]): OutputPlace {
  const standard = path.basename(recording).replace(RECORDING_SUFFIXES, '');
  const suffix = suffixes[0]!;
  if (out === null) return { name: path.join(path.dirname(recording), standard), suffix };
  if (isFolder(out)) return { name: path.join(out, standard), suffix };
  const given = suffixes.find((each) => out.toLowerCase().endsWith(each) && path.basename(out) !== each);
  return given
    ? { name: out.slice(0, -given.length), suffix: out.slice(-given.length) }
    : { name: out, suffix };
}

function isFolder(name: string): boolean {
  return /[/\\]$/.test(name) || (statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
