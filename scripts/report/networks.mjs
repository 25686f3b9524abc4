// Which rows of the study a table, sentence or chart is about, and what they are called.

/** Hidden units of Seq2SeqLite. */
export const LITE_HIDDEN = 32;

export const isTeacher = (row) => row.role === 'teacher';
export const students = (study) => study.rows.filter((row) => row.role === 'student');

export function sizesOf(rows) {
  return [...new Set(rows.map((row) => row.hidden))].sort((a, b) => a - b);
}

export function networkName({ role, hidden }) {
  if (role === 'teacher') return `teacher ${hidden}`;
  return hidden === LITE_HIDDEN ? `Seq2SeqLite ${hidden}` : `student ${hidden}`;
}

export const trainingName = ({ training }) => (training === 'kd' ? 'KD' : 'scratch');
export const arithmeticName = ({ quantization, bits }) =>
  quantization === 'float' ? 'float' : `${quantization.toUpperCase()} ${bits} bit`;

/** Teachers first, then students by size; of each network scratch before KD, float before PTQ before QAT. */
function inOrder(a, b) {
  const order = (row) => [
    isTeacher(row) ? 0 : 1,
    row.hidden,
    ['scratch', 'kd'].indexOf(row.training),
    ['float', 'ptq', 'qat'].indexOf(row.quantization),
    -row.bits,
  ];
  const [left, right] = [order(a), order(b)];
  const first = left.findIndex((value, index) => value !== right[index]);
  return first < 0 ? 0 : left[first] - right[first];
}

/** The rows of each network. */
export function networksOf(study) {
  const byName = new Map();
  for (const row of [...study.rows].sort(inOrder)) {
    const name = networkName(row);
    byName.set(name, [...(byName.get(name) ?? []), row]);
  }
  return [...byName.values()];
}

export function findRow(rows, wanted) {
  return rows.find((row) => Object.entries(wanted).every(([key, value]) => row[key] === value));
}

/** A network's float row and 8-bit row that stand for it: KD before scratch, QAT before PTQ. */
export function representatives(rows) {
  const trainings = ['kd', 'scratch'];
  const first = (options) => options.map((wanted) => findRow(rows, wanted)).find(Boolean);
  return {
    float: first(trainings.map((training) => ({ training, quantization: 'float' }))),
    eightBit: first(
      trainings.flatMap((training) =>
        ['qat', 'ptq'].map((quantization) => ({ training, quantization, bits: 8 })),
      ),
    ),
  };
}

export function lite(study) {
  return representatives(students(study).filter((row) => row.hidden === LITE_HIDDEN));
}

export const teacherFloat = (study) => findRow(study.rows, { role: 'teacher', quantization: 'float' });

/** The Bayes limit where it is the same for every row (the same pixels), else null. */
export function commonLimit(study, key = 'bayesRmseNs') {
  const [first, ...others] = study.rows.map((row) => row[key]);
  const same = others.every((other) => study.photons.every((count) => other[count] === first[count]));
  return same ? first : null;
}

/** The photon count of single-count charts and tables: 500, or else the nearest one measured. */
export function chartCount(study) {
  const distance = (count) => Math.abs(Math.log(count / 500));
  return study.photons.reduce((best, count) => (distance(count) < distance(best) ? count : best));
}

/** How far the RMSE lies above the Bayes limit, in %. */
export const excessPercent = (row, count) => 100 * (row.rmseNs[count] / row.bayesRmseNs[count] - 1);

/** value/reference − 1 of the MAE, at each photon count. */
export const maeChanges = (study, row, reference) =>
  study.photons.map((count) => row.maeNs[count] / reference.maeNs[count] - 1);
