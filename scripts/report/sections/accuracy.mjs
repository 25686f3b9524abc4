// Sizes, and accuracy of tau_amp of every network.
import { table } from '../../generate/markdown.mjs';
import { fixed, ns, paragraphs, whole } from '../format.mjs';
import {
  arithmeticName,
  chartCount,
  commonLimit,
  networkName,
  networksOf,
  trainingName,
} from '../networks.mjs';

export function sizesSection(study) {
  const lines = new Map();
  for (const row of networksOf(study).flat()) {
    const decoder = row.decoder ?? { parameters: null, bytes: null, macsPerPixel: null };
    const cells = [networkName(row), `${row.bits}`].concat(
      [row, decoder].flatMap(({ parameters, bytes, macsPerPixel }) =>
        [parameters, bytes, macsPerPixel].map(whole),
      ),
    );
    lines.set(cells.join(' '), cells);
  }
  return paragraphs(
    '## Sizes',
    'Of the live path, and what the decoder adds. MAC: multiply-accumulates per pixel.',
    table(
      ['network', 'bits', 'parameters', 'bytes', 'MAC', 'decoder: parameters', 'bytes', 'MAC'],
      [...lines.values()],
    ),
  );
}

export function accuracySection(study, chart) {
  return paragraphs(
    '## Accuracy',
    nearestSentence(study),
    chart('rmse-over-limit', 'RMSE of tau_amp above the Bayes limit against photons'),
    'Of each network the chart shows the distilled one where there is one, in 8 bit the one with QAT where there is one. The axis is even near the limit and logarithmic beyond a few per cent.',
    chart('rmse-against-parameters', 'RMSE of tau_amp above the Bayes limit against parameters'),
    'Symbols of one network stand side by side so that they can be told apart; all have the parameters of the middle of their group.',
    '### RMSE in ns, in brackets over the Bayes limit',
    errorTable(study, commonLimit(study), (row, count) => {
      const rmse = row.rmseNs[count];
      return `${ns(rmse)} (${fixed(rmse / row.bayesRmseNs[count], 3)})`;
    }),
    folded(
      'MAE in ns',
      errorTable(study, commonLimit(study, 'bayesMaeNs'), (row, count) => ns(row.maeNs[count])),
    ),
    folded(
      'Bias in ns',
      errorTable(study, null, (row, count) => ns(row.biasNs[count])),
    ),
  );
}

function nearestSentence(study) {
  const count = chartCount(study);
  const ratio = (row) => row.rmseNs[count] / row.bayesRmseNs[count];
  const sorted = [...study.rows].sort((a, b) => ratio(a) - ratio(b));
  const told = (row) =>
    `${networkName(row)} (${trainingName(row)}, ${arithmeticName(row)}) with ${fixed(ratio(row), 3)} times the limit`;
  if (sorted.length < 2) return null;
  return `At ${whole(count)} photons ${told(sorted[0])} is nearest to the Bayes limit and ${told(sorted.at(-1))} farthest from it.`;
}

function errorTable(study, limit, cell) {
  const { photons } = study;
  const limitLine = limit ? [['posterior mean', '', '', ...photons.map((count) => ns(limit[count]))]] : [];
  const lines = networksOf(study)
    .flat()
    .map((row) => [
      networkName(row),
      trainingName(row),
      arithmeticName(row),
      ...photons.map((count) => cell(row, count)),
    ]);
  return table(
    ['network', 'training', 'arithmetic', ...photons.map((count) => `${whole(count)} photons`)],
    [...limitLine, ...lines],
  );
}

const folded = (title, content) => `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
