// Beside the Cramér–Rao bound, and how true the predicted standard error is.
import { table } from '../../generate/markdown.mjs';
import { rangeName, TOLERANCE } from '../charts-certainty.mjs';
import { fixed, ns, paragraphs, percent, range, whole } from '../format.mjs';
import { arithmeticName, networkName, networksOf, trainingName } from '../networks.mjs';

/** The project's target for a mono-exponential training, as a multiple of the bound. */
const MONO_TARGET = 1.1;

export function monoSection(study, chart) {
  if (!study.mono || study.mono.rows.length === 0) return null;
  const { photons, background, rows, steps } = study.mono;
  const within = rows.filter(({ ratio }) => ratio <= MONO_TARGET);
  return paragraphs(
    '## Mono-exponential training and the Cramér–Rao bound',
    `A training on mono-exponential decays (${whole(steps)} steps), at ${whole(photons)} photons of which ${percent(background)} are background of unknown amount. F = σ(τ) / τ · √photons, where 1 is the limit of photon counting. The network stands at ${range(
      rows.map(({ ratio }) => ratio),
      (ratio) => fixed(ratio, 3),
    )} times the bound; ${within.length} of ${rows.length} lifetimes are within ${MONO_TARGET} times.`,
    'The bound holds for estimators without bias; one that leans towards its prior can be below it.',
    chart('cramer-rao', 'F-values of the mono-exponential training beside the Cramér–Rao bound'),
    table(
      ['lifetime (ns)', 'F', 'F of the bound', 'ratio', 'bias (ns)'],
      rows.map(({ tauNs, f, crbF, ratio, biasNs }) => [
        fixed(tauNs, 2),
        fixed(f, 3),
        fixed(crbF, 3),
        fixed(ratio, 3),
        ns(biasNs),
      ]),
    ),
  );
}

export function uncertaintySection(study, chart) {
  const rows = study.uncertainty?.rows ?? [];
  const byNetwork = standardErrorTable(study);
  if (rows.length === 0 && !byNetwork) return null;
  return paragraphs(
    '## Predicted standard error',
    rows.length > 0 ? rangesPart(rows, chart) : null,
    byNetwork && 'RMS predicted over RMS true error of tau_amp, over the whole prior:',
    byNetwork,
  );
}

function rangesPart(rows, chart) {
  const within = rows.filter(({ ratio }) => Math.abs(ratio - 1) <= TOLERANCE);
  const farthest = rows.reduce((far, row) => (Math.abs(row.ratio - 1) > Math.abs(far.ratio - 1) ? row : far));
  return paragraphs(
    `The pixels of each photon count fall into quarters by their estimated lifetime. In ${within.length} of ${rows.length} such quarters the predicted standard error is within ${percent(TOLERANCE, 0)} of the true error; farthest is ${fixed(farthest.ratio, 3)} at ${whole(farthest.photons)} photons and ${rangeName(farthest)} ns.`,
    chart('standard-error', 'Predicted against true standard error'),
    `The line is predicted = true, the band ± ${percent(TOLERANCE, 0)}.`,
    table(
      ['photons', 'estimated lifetime (ns)', 'predicted (ns)', 'true (ns)', 'predicted / true'],
      rows.map((row) => [
        whole(row.photons),
        rangeName(row),
        ns(row.predictedNs),
        ns(row.trueNs),
        fixed(row.ratio, 3),
      ]),
    ),
  );
}

function standardErrorTable(study) {
  const rows = networksOf(study)
    .flat()
    .filter((row) => row.standardErrorRatio !== null);
  if (rows.length === 0) return null;
  return table(
    ['network', 'training', 'arithmetic', ...study.photons.map((count) => `${whole(count)} photons`)],
    rows.map((row) => [
      networkName(row),
      trainingName(row),
      arithmeticName(row),
      ...study.photons.map((count) => fixed(row.standardErrorRatio[count], 3)),
    ]),
  );
}
