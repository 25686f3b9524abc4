// Sentences that compare two sets of figures: which is better depends on the figures alone.
import { SAME, atCounts, change, fixed, list, range } from './format.mjs';

/** The photon counts at which the first figure is smaller than, larger than, or the same as the second. */
export function compareErrors(photons, errors, reference) {
  const relative = (count) => errors[count] / reference[count] - 1;
  const known = photons.filter(
    (count) => errors[count] !== undefined && typeof reference[count] === 'number',
  );
  return {
    known,
    better: known.filter((count) => relative(count) <= -SAME),
    worse: known.filter((count) => relative(count) >= SAME),
    same: known.filter((count) => Math.abs(relative(count)) < SAME),
  };
}

/** "better at 50 and 100 photons, worse at 500 photons". */
export function verdict(photons, errors, reference) {
  const { known, better, worse, same } = compareErrors(photons, errors, reference);
  const part = (word, counts) => (counts.length > 0 ? `${word} ${atCounts(counts, known)}` : null);
  const parts = [part('better', better), part('worse', worse), part('the same within 0.05 %', same)];
  return list(parts.filter(Boolean));
}

/** "by +0.2 % to +1.4 %", over the photon counts. */
export const changeRange = (relatives) => `by ${range(relatives, change)}`;

/** "98.3 % fewer" or "12.0 % more". */
export function fewerOrMore(value, reference) {
  const part = value / reference - 1;
  return `${fixed(Math.abs(part) * 100, 1)} % ${part <= 0 ? 'fewer' : 'more'}`;
}

export const ratiosToLimit = (study, row) =>
  study.photons.map((count) => row.rmseNs[count] / row.bayesRmseNs[count]);
export const timesLimit = (study, row) => range(ratiosToLimit(study, row), (ratio) => fixed(ratio, 3));
