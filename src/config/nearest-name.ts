import { configKeys } from './keys.js';

/** The configuration key a misspelt one most likely meant, as a dotted path; null where none is close. */
export function nearestKey(unknownPath: string): string | null {
  const sought = unknownPath.toLowerCase();
  const soughtName = lastPart(sought);
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const { path } of configKeys) {
    const known = path.toLowerCase();
    // A key in the wrong section is as likely as a misspelling; the half prefers the section it stands in.
    const elsewhere = editDistance(soughtName, lastPart(known)) + 0.5;
    const distance = Math.min(editDistance(sought, known), elsewhere);
    if (distance < bestDistance) [best, bestDistance] = [path, distance];
  }
  return bestDistance <= Math.max(2, soughtName.length / 3) ? best : null;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Levenshtein distance: insertions, deletions and substitutions between two short names. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substituted));
    }
    previous = current;
  }
  return previous[b.length]!;
}
