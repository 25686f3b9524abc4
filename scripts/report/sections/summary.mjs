// The study in a few sentences about Seq2SeqLite.
import { atCounts, bullets, list, paragraphs, whole } from '../format.mjs';
import {
  findRow,
  lite,
  maeChanges,
  networkName,
  students,
  teacherFloat,
  trainingName,
} from '../networks.mjs';
import { changeRange, compareErrors, fewerOrMore, timesLimit, verdict } from '../verdict.mjs';

export function summarySection(study) {
  const { float, eightBit } = lite(study);
  const sentences = [
    float && sizeSentence(study, float),
    float && teacherSentence(study, float),
    limitSentence(study, float, eightBit),
    float && distillationSentence(study, float.hidden),
    eightBit && quantizationSentence(study, eightBit),
    eightBit && classicalSentence(study, eightBit),
    targetsSentence(study),
  ].filter(Boolean);
  return sentences.length > 0 ? paragraphs('## In short', bullets(sentences)) : null;
}

function sizeSentence(study, row) {
  const teacher = teacherFloat(study);
  if (!teacher) return null;
  const live = `${networkName(row)} has ${whole(row.parameters)} parameters on the live path, ${fewerOrMore(row.parameters, teacher.parameters)} than the teacher (${whole(teacher.parameters)})`;
  if (!row.decoder || !teacher.decoder) return `${live}.`;
  const total = ({ parameters, decoder }) => parameters + decoder.parameters;
  return `${live}; with decoders ${whole(total(row))} against ${whole(total(teacher))}, ${fewerOrMore(total(row), total(teacher))}.`;
}

function teacherSentence(study, row) {
  const teacher = teacherFloat(study);
  if (!teacher) return null;
  const changes = changeRange(maeChanges(study, row, teacher));
  return `Its MAE in float (${trainingName(row)}) differs from the teacher's ${changes}, depending on the photons.`;
}

function limitSentence(study, float, eightBit) {
  const parts = [
    float && `${timesLimit(study, float)} times the Bayes limit in float (${trainingName(float)})`,
    eightBit &&
      `${timesLimit(study, eightBit)} times in 8 bit (${trainingName(eightBit)}, ${eightBit.quantization.toUpperCase()})`,
  ].filter(Boolean);
  return parts.length > 0 ? `Its RMSE is ${list(parts)}.` : null;
}

function distillationSentence(study, hidden) {
  const same = students(study).filter((row) => row.hidden === hidden && row.quantization === 'float');
  const kd = findRow(same, { training: 'kd' });
  const scratch = findRow(same, { training: 'scratch' });
  if (!kd || !scratch) return null;
  return `Distilled, its MAE in float changes ${changeRange(maeChanges(study, kd, scratch))} against training from scratch: ${verdict(study.photons, kd.maeNs, scratch.maeNs)}.`;
}

function quantizationSentence(study, { hidden, training }) {
  const same = students(study).filter((row) => row.hidden === hidden && row.training === training);
  const float = findRow(same, { quantization: 'float' });
  const [qat, ptq] = ['qat', 'ptq'].map((quantization) => findRow(same, { quantization, bits: 8 }));
  const against = (row, name) =>
    row && float ? `${changeRange(maeChanges(study, row, float))} with ${name}` : null;
  const parts = [against(qat, '8-bit QAT'), against(ptq, '8-bit PTQ')].filter(Boolean);
  if (parts.length === 0) return null;
  const between = qat && ptq ? `; beside PTQ, QAT is ${verdict(study.photons, qat.maeNs, ptq.maeNs)}` : '';
  return `Against its float form (${training === 'kd' ? 'KD' : 'scratch'}) the MAE changes ${list(parts)}${between}.`;
}

/** Also used by the section on classical estimators. */
export function classicalSentence(study, row) {
  const everywhere = [];
  const others = [];
  for (const { title, rmseNs } of study.classical) {
    const { known, better, worse } = compareErrors(study.photons, row.rmseNs, rmseNs);
    if (known.length === 0) continue;
    if (better.length === known.length) everywhere.push(title);
    else if (worse.length === 0) others.push(`nowhere larger than that of ${title}`);
    else others.push(`larger than that of ${title} ${atCounts(worse, known)}`);
  }
  const first =
    everywhere.length > 0 ? [`smaller than that of ${list(everywhere)} at every photon count`] : [];
  const parts = [...first, ...others];
  return parts.length > 0 ? `In 8 bit its RMSE is ${parts.join('; it is ')}.` : null;
}

function targetsSentence({ targets }) {
  if (targets.length === 0) return null;
  const met = targets.filter((target) => target.met).length;
  return `${met} of ${targets.length} targets are met.`;
}
