// The other outputs: intensity-weighted mean, both lifetimes, the fraction; and the decoded decay.
import { table } from '../../generate/markdown.mjs';
import { fixed, ns, paragraphs, whole } from '../format.mjs';
import { arithmeticName, networkName, networksOf, representatives, trainingName } from '../networks.mjs';

const OUTPUTS = [
  ['meanLifetimeIntensity', 'tau_int (ns)', 'Ns', 3],
  ['tau1', 'tau1 (ns)', 'Ns', 3],
  ['tau2', 'tau2 (ns)', 'Ns', 3],
  ['fraction', 'fraction', '', 4],
];

export function outputsSection(study) {
  const rows = shownRows(study);
  if (rows.length === 0) return null;
  return paragraphs(
    '## The other outputs',
    `Each cell: RMSE, in brackets over the Bayes limit, then MAE, then bias. Float and 8 bit of each network, chosen as in the first chart.`,
    ...OUTPUTS.flatMap((output) => [`### ${output[1]}`, outputTable(study, rows, output)]),
    decodedPart(study),
  );
}

const shownRows = (study) =>
  networksOf(study).flatMap((rows) => Object.values(representatives(rows)).filter(Boolean));

const networkCells = (row) => [networkName(row), trainingName(row), arithmeticName(row)];
const heads = (study) => [
  'network',
  'training',
  'arithmetic',
  ...study.photons.map((count) => `${whole(count)} photons`),
];

function outputTable(study, rows, [output, , unit, digits]) {
  const cell = (errors, count) => {
    const [rmse, mae, bias, limit] = ['rmse', 'mae', 'bias', 'bayesRmse'].map(
      (key) => errors[`${key}${unit}`][count],
    );
    return `${fixed(rmse, digits)} (${fixed(rmse / limit, 3)}), ${fixed(mae, digits)}, ${fixed(bias, digits)}`;
  };
  return table(
    heads(study),
    rows.map((row) => [
      ...networkCells(row),
      ...study.photons.map((count) => cell(row.outputs[output], count)),
    ]),
  );
}

function decodedPart(study) {
  const rows = networksOf(study)
    .flat()
    .filter((row) => row.sequenceRmse !== null);
  if (rows.length === 0) return null;
  return paragraphs(
    '### The decoded decay',
    'RMS error of the deconvolved decay, whose start value is 1:',
    table(
      heads(study),
      rows.map((row) => [...networkCells(row), ...study.photons.map((count) => ns(row.sequenceRmse[count]))]),
    ),
  );
}
