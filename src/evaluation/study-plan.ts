import type { Belief } from '../training/distillation.js';
import type { QatPrecision, TrainingOptions } from '../training/options.js';

/** What a study is about: the instrument and sample, and how much it trains. */
export interface StudyOptions {
  /** Instrument, sample, examples, batch size and seed of every training. */
  common: Pick<
    TrainingOptions,
    'prior' | 'photons' | 'photonFeature' | 'photonWeightExponent' | 'lossWeights' | 'seed'
  >;
  sizes: readonly number[];
  /** Trained in two rounds, the second with the learning rate raised again (Loshchilov & Hutter 2017). */
  teacher: {
    hidden: number;
    head: number;
    steps: readonly [number, number];
    batch: number;
    learningRate: number;
  };
  student: { head: number; steps: number; batch: number; learningRate: number };
  /** Fine-tuning of a float student in 8 or 4 bit. */
  qat: { steps: number; learningRate: number };
  /** Batches that the teacher answers. */
  labelledBatches: number;
  belief: Belief;
  /** Student whose distillation is taken apart: outputs only, sequence only. */
  dissectedSize: number;
  /** A network for one lifetime and a known response, to stand beside the Cramér–Rao bound. */
  mono: { hidden: number; head: number; steps: number };
}

export type Origin = 'scratch' | 'kd';

/** One training of the study; its checkpoint is `<id>.json`. */
export interface Stage {
  id: string;
  role: 'teacher' | 'student';
  origin: Origin;
  /** Stage whose weights it begins with. */
  initial: string | null;
  /** The teacher's stage where it is distilled. */
  teacher: string | null;
  belief: Belief | null;
  /** Options without the hashes of what it builds on, which are not known yet. */
  options: Omit<TrainingOptions, 'teacher' | 'initialWeights' | 'threads'>;
}

export const TEACHER = 'teacher';
/** Of the teacher. */
export const FIRST_ROUND = 'teacher-1';
export const MONO = 'mono';
export const CONTROL = 'control';
const QAT_PRECISIONS: readonly QatPrecision[] = [8, 4];

export const studyId = (hidden: number, origin: string, precision: QatPrecision | null): string =>
  `student-${hidden}-${origin}-${precision === null ? 'float' : `qat${precision}`}`;

/** The trainings of a study, each after those it needs. */
export function planStudy(study: StudyOptions): Stage[] {
  return [
    ...teacherStages(study),
    ...study.sizes.flatMap((hidden) => studentStages(study, hidden, 'scratch')),
    ...study.sizes.flatMap((hidden) => studentStages(study, hidden, 'kd')),
    ...dissectedStages(study),
    controlStage(study),
    monoStage(study),
  ];
}

function teacherStages({ common, teacher }: StudyOptions): [Stage, Stage] {
  const { hidden, head, batch, learningRate } = teacher;
  const [first, second] = teacher.steps;
  const round = (id: string, steps: number, initial: string | null): Stage => ({
    id,
    role: 'teacher',
    origin: 'scratch',
    initial,
    teacher: null,
    belief: null,
    options: { ...common, ...network(hidden, head), name: id, precision: null, steps, batch, learningRate },
  });
  return [round(FIRST_ROUND, first, null), round(TEACHER, second, FIRST_ROUND)];
}

const network = (hidden: number, head: number) => ({
  description: '',
  hidden,
  head,
  decoder: true,
  minutes: null,
});

function studentStages(study: StudyOptions, hidden: number, origin: Origin): Stage[] {
  const float = floatStudent(study, hidden, origin, origin === 'kd' ? study.belief : null, origin);
  const fineTuned = QAT_PRECISIONS.map((precision): Stage => {
    const id = studyId(hidden, origin, precision);
    return {
      ...float,
      id,
      initial: float.id,
      options: { ...float.options, ...study.qat, name: id, precision },
    };
  });
  return [float, ...fineTuned];
}

function floatStudent(
  { common, student }: StudyOptions,
  hidden: number,
  origin: Origin,
  belief: Belief | null,
  label: string,
): Stage {
  const { head, steps, batch, learningRate } = student;
  const id = studyId(hidden, label, null);
  return {
    id,
    role: 'student',
    origin,
    initial: null,
    teacher: belief === null ? null : TEACHER,
    belief,
    options: { ...common, ...network(hidden, head), name: id, precision: null, steps, batch, learningRate },
  };
}

/** What of the distillation helps: the outputs alone, the decoded sequence alone. */
function dissectedStages(study: StudyOptions): Stage[] {
  const { belief, dissectedSize } = study;
  return [
    floatStudent(study, dissectedSize, 'kd', { ...belief, sequence: 0 }, 'kd-outputs'),
    floatStudent(study, dissectedSize, 'kd', { ...belief, outputs: 0 }, 'kd-sequence'),
  ];
}

/** As long in training as the quantized students, but in float: what they are to be compared with. */
function controlStage(study: StudyOptions): Stage {
  const [float] = studentStages(study, study.dissectedSize, 'kd') as [Stage];
  const options = { ...float.options, ...study.qat, name: CONTROL };
  return { ...float, id: CONTROL, initial: float.id, options };
}

function monoStage({ common, student, mono }: StudyOptions): Stage {
  const { prior } = common;
  const { batch, learningRate } = student;
  return {
    id: MONO,
    role: 'student',
    origin: 'scratch',
    initial: null,
    teacher: null,
    belief: null,
    options: {
      ...common,
      ...network(mono.hidden, mono.head),
      prior: { ...prior, mono: 1, species: null, irfJitterPs: 0, irfWidthJitter: 0 },
      name: MONO,
      decoder: false,
      precision: 8,
      steps: mono.steps,
      batch,
      learningRate,
    },
  };
}
