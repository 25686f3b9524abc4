// Beside classical estimators, and on real recordings.
import { table } from '../../generate/markdown.mjs';
import { change, fixed, ns, paragraphs, percent, whole } from '../format.mjs';
import { arithmeticName, lite, networkName, trainingName } from '../networks.mjs';
import { classicalSentence } from './summary.mjs';

export function classicalSection(study, chart) {
  if (study.classical.length === 0) return null;
  const network = lite(study).eightBit;
  return paragraphs(
    '## Classical estimators',
    network &&
      `The network here is ${networkName(network)}, ${trainingName(network)}, ${arithmeticName(network)}.`,
    network && classicalSentence(study, network),
    chart('classical', 'RMSE of tau_amp against photons, beside classical estimators'),
    '*Valid* is the part of the pixels that gave an estimate; *speed* is in pixels per second, as measured in the study.',
    classicalTable(study, network),
  );
}

function classicalTable(study, network) {
  const cell = (figures, text) => study.photons.map((count) => text(figures[count] ?? null)).join(' · ');
  const counts = study.photons.map(whole).join(' · ');
  const errors = ({ rmseNs, maeNs, biasNs }) => [rmseNs, maeNs, biasNs].map((figures) => cell(figures, ns));
  const lines = study.classical.map((estimator) => [
    estimator.title,
    ...errors(estimator),
    cell(estimator.valid, (part) => percent(part)),
    whole(estimator.pixelsPerSecond),
  ]);
  if (network) lines.unshift([`${networkName(network)}, 8 bit`, ...errors(network), '–', '–']);
  return table([`at ${counts} photons`, 'RMSE (ns)', 'MAE (ns)', 'bias (ns)', 'valid', 'speed'], lines);
}

export function recordingsSection(study) {
  const shown = study.recordings.filter((recording) => recording.figures.length > 0);
  if (shown.length === 0) return null;
  return paragraphs(
    '## Real recordings',
    'Measured with the packages made for them, not with the networks of the study. [training.md](training.md) says how their options were found: those of cells-sdt with this very reference in view, those of yeast-nadh from its summed decay.',
    ...shown.map(recordingPart),
  );
}

function recordingPart({ name, model, hash, blocks, figures, rankCorrelation }) {
  const farthest = figures.reduce((far, figure) =>
    Math.abs(figure.relative) > Math.abs(far.relative) ? figure : far,
  );
  const ranks = Object.entries(rankCorrelation ?? {});
  return paragraphs(
    `### ${name}`,
    `Package ${model} (${hash.slice(0, 16)}). ${blocks ? `Blocks of ${blocks} pixels. ` : ''}Farthest from the reference: ${farthest.quantity} of ${farthest.region}, ${change(farthest.relative)}.`,
    table(
      ['region', 'quantity', 'valid', 'found (ns)', 'reference (ns)', 'difference'],
      figures.map(({ region, quantity, valid, foundNs, referenceNs, relative }) => [
        region,
        quantity,
        percent(valid),
        ns(foundNs),
        ns(referenceNs),
        change(relative),
      ]),
    ),
    ranks.length > 0 &&
      `Rank correlation with the reference: ${ranks.map(([quantity, value]) => `${quantity} ${fixed(value, 3)}`).join(', ')}.`,
  );
}
