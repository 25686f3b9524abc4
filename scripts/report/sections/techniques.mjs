// What distillation and quantization did.
import { table } from '../../generate/markdown.mjs';
import { change, list, ns, paragraphs, range, whole } from '../format.mjs';
import {
  arithmeticName,
  findRow,
  maeChanges,
  networkName,
  networksOf,
  sizesOf,
  trainingName,
} from '../networks.mjs';
import { compareErrors } from '../verdict.mjs';

const photonHeads = (study) => study.photons.map((count) => `${whole(count)} photons`);

export function distillationSection(study) {
  const pairs = distilledPairs(study);
  const variants = variantsPart(study);
  if (pairs.length === 0 && !variants) return null;
  return paragraphs('## Distillation', pairs.length > 0 ? pairsPart(study, pairs) : null, variants);
}

function distilledPairs(study) {
  return networksOf(study).flatMap((rows) =>
    rows
      .filter((row) => row.training === 'kd')
      .map((kd) => {
        const { quantization, bits } = kd;
        return { kd, scratch: findRow(rows, { training: 'scratch', quantization, bits }) };
      })
      .filter(({ scratch }) => scratch),
  );
}

function pairsPart(study, pairs) {
  const all = pairs.map(({ kd, scratch }) => compareErrors(study.photons, kd.maeNs, scratch.maeNs));
  const total = (key) => all.reduce((sum, counts) => sum + counts[key].length, 0);
  const changes = pairs.flatMap(({ kd, scratch }) => maeChanges(study, kd, scratch));
  return paragraphs(
    `By MAE, KD is better than training from scratch in ${total('better')} of ${total('known')} comparisons (networks × photon counts) and worse in ${total('worse')}; the change is ${range(changes, change)}.`,
    'Change of the MAE by distillation, the same size and arithmetic:',
    table(
      ['network', 'arithmetic', ...photonHeads(study)],
      pairs.map(({ kd, scratch }) => [
        networkName(kd),
        arithmeticName(kd),
        ...maeChanges(study, kd, scratch).map(change),
      ]),
    ),
  );
}

/** What of the teacher was learned from. */
function variantName({ outputs, sequence }) {
  if (outputs && sequence) return 'outputs and sequence';
  if (outputs) return 'outputs';
  return sequence ? 'sequence' : 'neither';
}

function variantsPart(study) {
  const { rows, text } = study.kd;
  if (rows.length === 0) return text ?? null;
  const best = sizesOf(rows).map((hidden) =>
    bestVariantSentence(
      study,
      rows.filter((row) => row.hidden === hidden),
    ),
  );
  return paragraphs(
    '### What of the teacher helped',
    'MAE in ns of students that learn from the teacher’s outputs, from its decoded sequence, from both or from neither:',
    table(
      ['hidden units', 'learned from', ...photonHeads(study)],
      rows.map((row) => [
        row.hidden,
        variantName(row),
        ...study.photons.map((count) => ns(row.maeNs[count])),
      ]),
    ),
    best.filter(Boolean).join(' '),
    text,
  );
}

function bestVariantSentence(study, rows) {
  if (rows.length < 2) return null;
  const [{ hidden }] = rows;
  // Geometric mean over the photon counts: every count weighs the same.
  const mean = (row) =>
    Math.exp(
      study.photons.reduce((sum, count) => sum + Math.log(row.maeNs[count]), 0) / study.photons.length,
    );
  const [best, ...others] = [...rows].sort((a, b) => mean(a) - mean(b));
  const told = others.map((row) => `${variantName(row)} ${change(mean(row) / mean(best) - 1)}`);
  const control = findRow(rows, { outputs: false, sequence: false });
  const gain =
    control && control !== best ? `, ${change(mean(best) / mean(control) - 1)} against neither` : '';
  return `With ${hidden} units the smallest MAE, averaged over the photon counts, comes from ${variantName(best)}${gain}; beside it: ${list(told)}.`;
}

const QUANTIZED = [
  { quantization: 'ptq', bits: 16 },
  { quantization: 'ptq', bits: 8 },
  { quantization: 'ptq', bits: 4 },
  { quantization: 'qat', bits: 8 },
  { quantization: 'qat', bits: 4 },
];

export function quantizationSection(study, chart) {
  const groups = quantizedGroups(study);
  if (groups.length === 0) return null;
  const present = QUANTIZED.filter((wanted) => groups.some(({ rows }) => findRow(rows, wanted)));
  const cell = ({ float, rows }, wanted) => {
    const row = findRow(rows, wanted);
    return row ? range(maeChanges(study, row, float), change) : '–';
  };
  return paragraphs(
    '## Quantization',
    [8, 4]
      .map((bits) => techniqueSentence(study, groups, bits))
      .join(' ')
      .trim(),
    chart('rmse-against-bits', 'RMSE of tau_amp above the Bayes limit against bits'),
    'Change of the MAE against the float network of the same training, smallest to largest over the photon counts:',
    table(
      ['network', 'training', ...present.map(arithmeticName)],
      groups.map((group) => [
        networkName(group.float),
        trainingName(group.float),
        ...present.map((wanted) => cell(group, wanted)),
      ]),
    ),
    controlPart(study),
  );
}

/** Fine-tuning adds steps: what they alone bring, in float. */
function controlPart({ control, rows, photons }) {
  const float = findRow(control, { quantization: 'float' });
  if (!float) return null;
  const { role, hidden, training } = float;
  const same = rows.filter((row) => row.role === role && row.hidden === hidden && row.training === training);
  const compared = [...control, ...same.filter(({ quantization }) => quantization === 'qat')];
  return paragraphs(
    `QAT rows begin with the float network and train on, ${whole(float.steps)} steps in all; the float and PTQ rows above have not. A control, ${networkName(float)} with ${trainingName(float)} trained on in float for as long, with its own quantizations after training; MAE in ns:`,
    table(
      ['arithmetic', ...photons.map((count) => `${whole(count)} photons`)],
      compared.map((row) => [arithmeticName(row), ...photons.map((count) => ns(row.maeNs[count]))]),
    ),
  );
}

/** Rows of one network and training, with their float row. */
function quantizedGroups(study) {
  return networksOf(study)
    .flatMap((rows) => ['scratch', 'kd'].map((training) => rows.filter((row) => row.training === training)))
    .map((rows) => ({ rows, float: findRow(rows, { quantization: 'float' }) }))
    .filter(({ rows, float }) => float && rows.length > 1);
}

function techniqueSentence(study, groups, bits) {
  const ofAll = (quantization) =>
    groups.flatMap(({ rows, float }) => {
      const row = findRow(rows, { quantization, bits });
      return row ? [maeChanges(study, row, float)] : [];
    });
  const told = ['ptq', 'qat']
    .map((quantization) => [quantization.toUpperCase(), ofAll(quantization).flat()])
    .filter(([, changes]) => changes.length > 0)
    .map(([name, changes]) => `${name} changes the MAE by ${range(changes, change)}`);
  if (told.length === 0) return '';
  const counts = groups.flatMap(({ rows }) => {
    const [qat, ptq] = ['qat', 'ptq'].map((quantization) => findRow(rows, { quantization, bits }));
    return qat && ptq ? [compareErrors(study.photons, qat.maeNs, ptq.maeNs)] : [];
  });
  const total = (key) => counts.reduce((sum, each) => sum + each[key].length, 0);
  const between =
    counts.length > 0
      ? `; QAT is better than PTQ in ${total('better')} of ${total('known')} comparisons (networks × photon counts) and worse in ${total('worse')}`
      : '';
  return `At ${bits} bit ${list(told)}${between}.`;
}
