import type { CompressionStudy, StudyNetwork, StudyRow } from './compression-study.js';

type Target = CompressionStudy['targets'][number];
type Measured = Pick<
  CompressionStudy,
  'photons' | 'rows' | 'control' | 'classical' | 'mono' | 'uncertainty' | 'recordings'
>;

/** Seq2SeqLite. */
const LITE = 32;
/** Photon counts of the RMSE targets. */
const LIMIT_PHOTONS = [100, 500, 2000];

/** The longest lifetime of the mono-exponential target. */
const MOST_MONO_NS = 3;

/** Largest deviation of a recording's medians, and smallest rank correlation where there is a target for it. */
const recordingTargets: Record<string, { amplitude: number; intensity: number; rank: number | null }> = {
  'cells-sdt': { amplitude: 0.04, intensity: 0.03, rank: 0.85 },
  'yeast-nadh': { amplitude: 0.12, intensity: 0.06, rank: null },
};

/** A package that leaves more pixels of a recording out has not met it. */
const LEAST_VALID = 0.98;

/** What the study set out to reach, beside what it measured. */
export function studyTargets(study: Measured): Target[] {
  const find = (wanted: Partial<StudyNetwork>): StudyRow | undefined =>
    study.rows.find((row) =>
      Object.entries(wanted).every(([name, value]) => row[name as keyof StudyNetwork] === value),
    );
  const student = { role: 'student', hidden: LITE, training: 'kd' } as const;
  const teacher = find({ role: 'teacher' });
  const float = find({ ...student, quantization: 'float' });
  const scratch = find({ ...student, training: 'scratch', quantization: 'float' });
  const qat8 = find({ ...student, quantization: 'qat', bits: 8 });
  // Quantized students were trained on; so was the control.
  const control = study.control.find(({ quantization }) => quantization === 'float');
  const ptq8 = study.control.find(({ quantization, bits }) => quantization === 'ptq' && bits === 8);
  return [
    ...(teacher && float ? againstTeacher(study, teacher, float) : []),
    ...(scratch && float ? [distillationHelps(study, float, scratch)] : []),
    ...(control && qat8 ? [quantizationCost(study, qat8, control)] : []),
    ...(qat8 && ptq8 ? [ptqWorse(study, ptq8, qat8)] : []),
    ...(float ? [nearLimit('float', float, 1.05)] : []),
    ...(qat8 ? [nearLimit('int8, QAT', qat8, 1.08), betterThanFits(study, qat8)] : []),
    ...monoTarget(study),
    ...uncertaintyTarget(study),
    ...study.recordings.flatMap(recordingTarget),
  ];
}

/** Ratios of the MAE of tau_amp at every photon count. */
const maeRatios = ({ photons }: Measured, row: StudyRow, other: StudyRow): number[] =>
  photons.map((count) => row.maeNs[count]! / other.maeNs[count]!);

const percent = (ratio: number): string =>
  `${ratio >= 1 ? '+' : '−'}${(100 * Math.abs(ratio - 1)).toFixed(1)} %`;
const percents = (ratios: readonly number[]): string => ratios.map(percent).join(', ');

function againstTeacher(study: Measured, teacher: StudyRow, student: StudyRow): Target[] {
  const whole = ({ parameters, decoder }: StudyRow): number => parameters + (decoder?.parameters ?? 0);
  const fewer = 1 - whole(student) / whole(teacher);
  const ratios = maeRatios(study, student, teacher);
  return [
    {
      name: `${LITE} × ${LITE}: fewer parameters than the teacher`,
      target: 'at least 98 %',
      measured: `${(100 * fewer).toFixed(2)} % (${whole(student)} of ${whole(teacher)})`,
      met: fewer >= 0.98,
    },
    {
      name: `${LITE} × ${LITE} with KD, float: MAE against the teacher`,
      target: `within 5 % at ${study.photons.join(', ')} photons`,
      measured: percents(ratios),
      met: ratios.every((ratio) => ratio <= 1.05),
    },
  ];
}

function distillationHelps(study: Measured, kd: StudyRow, scratch: StudyRow): Target {
  const ratios = maeRatios(study, kd, scratch);
  return {
    name: `${LITE} × ${LITE}, float: MAE with KD against the same from scratch`,
    target: 'smaller',
    measured: percents(ratios),
    met: ratios.every((ratio) => ratio < 1),
  };
}

function quantizationCost(study: Measured, qat: StudyRow, float: StudyRow): Target {
  const ratios = maeRatios(study, qat, float);
  return {
    name: `${LITE} × ${LITE} with KD: MAE in int8 (QAT) against float, trained as long`,
    target: 'within 2 %',
    measured: percents(ratios),
    met: ratios.every((ratio) => ratio <= 1.02),
  };
}

function ptqWorse(study: Measured, ptq: StudyRow, qat: StudyRow): Target {
  const ratios = maeRatios(study, ptq, qat);
  return {
    name: `${LITE} × ${LITE} with KD, int8: MAE by PTQ against QAT, trained as long`,
    target: 'larger',
    measured: percents(ratios),
    met: ratios.every((ratio) => ratio > 1),
  };
}

function nearLimit(name: string, row: StudyRow, most: number): Target {
  const ratios = LIMIT_PHOTONS.map((count) => row.rmseNs[count]! / row.bayesRmseNs[count]!);
  return {
    name: `${LITE} × ${LITE} with KD, ${name}: RMSE over the Bayes limit at ${LIMIT_PHOTONS.join(', ')} photons`,
    target: `at most ${most}`,
    measured: ratios.map((ratio) => ratio.toFixed(3)).join(', '),
    met: ratios.every((ratio) => ratio <= most),
  };
}

function betterThanFits({ photons, classical }: Measured, row: StudyRow): Target {
  const fits = classical.filter(({ name }) => name.startsWith('fit-'));
  const best = photons.map((count) => Math.min(...fits.map(({ rmseNs }) => rmseNs[count] ?? Infinity)));
  return {
    name: `${LITE} × ${LITE} with KD, int8: RMSE against the best Levenberg–Marquardt fit`,
    target: `smaller at ${photons.join(', ')} photons`,
    measured: percents(photons.map((count, at) => row.rmseNs[count]! / best[at]!)),
    met: photons.every((count, at) => row.rmseNs[count]! < best[at]!),
  };
}

function monoTarget({ mono }: Measured): Target[] {
  if (mono === null) return [];
  const rows = mono.rows.filter(({ tauNs }) => tauNs <= MOST_MONO_NS);
  return [
    {
      name: `mono-exponential training: RMSE over the Cramér–Rao bound at ${mono.photons} photons, ${rows
        .map(({ tauNs }) => tauNs)
        .join(', ')} ns`,
      target: 'at most 1.1',
      measured: rows.map(({ ratio }) => ratio.toFixed(3)).join(', '),
      met: rows.every(({ ratio }) => ratio <= 1.1),
    },
  ];
}

function uncertaintyTarget({ uncertainty }: Measured): Target[] {
  if (uncertainty === null) return [];
  const ratios = uncertainty.rows.map(({ ratio }) => ratio);
  return [
    {
      name: 'predicted over true standard error of tau_amp, over photon counts and quarters of estimated lifetime',
      target: '0.85 to 1.15',
      measured: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      met: ratios.every((ratio) => Math.abs(ratio - 1) <= 0.15),
    },
  ];
}

function recordingTarget({
  name,
  figures,
  rankCorrelation,
}: CompressionStudy['recordings'][number]): Target[] {
  const wanted = recordingTargets[name];
  if (wanted === undefined) return [];
  const limit = (quantity: string): number =>
    quantity === 'meanLifetimeAmplitude' ? wanted.amplitude : wanted.intensity;
  const medians: Target = {
    name: `${name}: medians against the reference`,
    target: `tau_amp within ${100 * wanted.amplitude} %, tau_int within ${100 * wanted.intensity} %`,
    measured: figures
      .map(({ region, quantity, relative }) => `${region} ${shortName(quantity)} ${percent(1 + relative)}`)
      .join(', '),
    met: figures.every(
      ({ quantity, relative, valid }) => Math.abs(relative) <= limit(quantity) && valid >= LEAST_VALID,
    ),
  };
  if (wanted.rank === null || rankCorrelation === undefined) return [medians];
  const least = Math.min(...Object.values(rankCorrelation));
  const rank: Target = {
    name: `${name}: rank correlation with the reference`,
    target: `at least ${wanted.rank}`,
    measured: Object.entries(rankCorrelation)
      .map(([quantity, value]) => `${shortName(quantity)} ${value.toFixed(3)}`)
      .join(', '),
    met: least >= wanted.rank,
  };
  return [medians, rank];
}

const shortName = (quantity: string): string =>
  quantity === 'meanLifetimeAmplitude' ? 'tau_amp' : 'tau_int';
