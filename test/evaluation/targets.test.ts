import { describe, expect, it } from 'vitest';
import type { CompressionStudy, StudyNetwork, StudyRow } from '../../src/evaluation/compression-study.js';
import { studyTargets } from '../../src/evaluation/targets.js';
import { madeUpStudy } from '../support/made-up-study.js';

type Network = Partial<StudyNetwork>;
const lite = { role: 'student', hidden: 32, training: 'kd' } as const;
const float: Network = { ...lite, quantization: 'float' };
const scratch: Network = { ...float, training: 'scratch' };
const qat8: Network = { ...lite, quantization: 'qat', bits: 8 };
const ptq8: Network = { ...lite, quantization: 'ptq', bits: 8 };
const teacher: Network = { role: 'teacher' };

const rowOf = (study: CompressionStudy, wanted: Network): StudyRow =>
  study.rows.find((row) =>
    Object.entries(wanted).every(([name, value]) => row[name as keyof StudyNetwork] === value),
  )!;

const controlOf = (study: CompressionStudy, wanted: Network): StudyRow =>
  rowOf({ ...study, rows: study.control }, wanted);

const all = (value: number) => ({ '50': value, '100': value, '500': value, '2000': value });

/** A study in which every target is met, by figures that lie close to what is asked. */
function metStudy(): CompressionStudy {
  const study = madeUpStudy();
  const figures: [Network, { maeNs: number; rmseNs: number }][] = [
    [teacher, { maeNs: 0.1, rmseNs: 0.2 }],
    [float, { maeNs: 0.104, rmseNs: 0.209 }],
    [scratch, { maeNs: 0.105, rmseNs: 0.21 }],
    [qat8, { maeNs: 0.106, rmseNs: 0.2155 }],
    [ptq8, { maeNs: 0.107, rmseNs: 0.22 }],
  ];
  for (const [network, { maeNs, rmseNs }] of figures) {
    Object.assign(rowOf(study, network), { maeNs: all(maeNs), rmseNs: all(rmseNs), bayesRmseNs: all(0.2) });
  }
  for (const network of [float, ptq8]) {
    Object.assign(controlOf(study, network), { maeNs: rowOf(study, network).maeNs });
  }
  Object.assign(rowOf(study, teacher), { parameters: 400_000, decoder: { parameters: 600_000 } });
  Object.assign(rowOf(study, float), { parameters: 8_000, decoder: { parameters: 12_000 } });
  const fit = study.classical.at(-1)!;
  study.classical.push({ ...fit, name: 'fit-mono', rmseNs: all(0.22) });
  study.classical.push({ ...fit, name: 'fit-bi', rmseNs: { ...all(0.9), '50': null } });
  for (const row of study.mono!.rows) row.ratio = 1.09;
  study.uncertainty!.rows.forEach((row, at) => (row.ratio = at % 2 ? 0.86 : 1.14));
  const figure = { region: 'all', valid: 1, foundNs: 1, referenceNs: 1 };
  const [amplitude, intensity] = ['meanLifetimeAmplitude', 'meanLifetimeIntensity'];
  study.recordings = [
    {
      name: 'cells-sdt',
      model: 'cells-sdt',
      hash: '0',
      figures: [
        { ...figure, quantity: amplitude!, relative: -0.039 },
        { ...figure, quantity: intensity!, relative: 0.029 },
      ],
      rankCorrelation: { [amplitude!]: 0.9, [intensity!]: 0.86 },
    },
    {
      name: 'yeast-nadh',
      model: 'yeast-nadh',
      hash: '0',
      figures: [
        { ...figure, quantity: amplitude!, relative: 0.119 },
        { ...figure, quantity: intensity!, relative: -0.059 },
      ],
      rankCorrelation: { [amplitude!]: 0.1 },
    },
  ];
  return study;
}

/** Which targets are missed, by the beginning of their names. */
const missed = (study: CompressionStudy): string[] =>
  studyTargets(study)
    .filter(({ met }) => !met)
    .map(({ name }) => name);

describe('the targets of the study', () => {
  it('are all there, and met where the figures meet them', () => {
    const targets = studyTargets(metStudy());
    expect(targets.filter(({ met }) => !met)).toEqual([]);
    expect(targets).toHaveLength(13);
    expect(targets[0]!.measured).toBe('98.00 % (20000 of 1000000)');
    expect(targets[1]!.measured).toBe('+4.0 %, +4.0 %, +4.0 %, +4.0 %');
  });

  const flips: [string, (study: CompressionStudy) => void, RegExp][] = [
    ['a larger student', (s) => (rowOf(s, float).parameters += 1), /fewer parameters/],
    ['a larger decoder', (s) => (rowOf(s, float).decoder!.parameters += 1), /fewer parameters/],
    ['a better teacher at one count', (s) => (rowOf(s, teacher).maeNs['500'] = 0.099), /against the teacher/],
    ['distillation in vain', (s) => (rowOf(s, scratch).maeNs['50'] = 0.104), /the same from scratch/],
    ['QAT that costs more', (s) => (rowOf(s, qat8).maeNs['2000'] = 0.1061), /int8 \(QAT\) against float/],
    ['PTQ that is as good', (s) => (controlOf(s, ptq8).maeNs['100'] = 0.106), /by PTQ against QAT/],
    ['float off the limit', (s) => (rowOf(s, float).rmseNs['2000'] = 0.2101), /float: RMSE over the Bayes/],
    ['int8 off the limit', (s) => (rowOf(s, qat8).rmseNs['100'] = 0.2161), /int8, QAT: RMSE over the Bayes/],
    ['a fit that is better', (s) => (s.classical.at(-1)!.rmseNs['2000'] = 0.2), /Levenberg–Marquardt/],
    ['mono-exponential imprecision', (s) => (s.mono!.rows[1]!.ratio = 1.11), /^mono-exponential/],
    ['overconfidence', (s) => (s.uncertainty!.rows[3]!.ratio = 0.84), /^predicted over true/],
    ['underconfidence', (s) => (s.uncertainty!.rows[3]!.ratio = 1.16), /^predicted over true/],
    ['tau_amp of the cells', (s) => (s.recordings[0]!.figures[0]!.relative = 0.041), /^cells-sdt: medians/],
    ['pixels left out', (s) => (s.recordings[0]!.figures[0]!.valid = 0.97), /^cells-sdt: medians/],
    ['tau_int of the cells', (s) => (s.recordings[0]!.figures[1]!.relative = -0.031), /^cells-sdt: medians/],
    [
      'their ranking',
      (s) => (s.recordings[0]!.rankCorrelation!['meanLifetimeIntensity'] = 0.84),
      /^cells-sdt: rank/,
    ],
    ['the yeast', (s) => (s.recordings[1]!.figures[0]!.relative = -0.121), /^yeast-nadh: medians/],
  ];
  it.each(flips)('are missed one by one: %s', (_, spoil, name) => {
    const study = metStudy();
    spoil(study);
    expect(missed(study)).toEqual([expect.stringMatching(name)]);
  });

  it('ask nothing of lifetimes beyond 3 ns beside the Cramér–Rao bound', () => {
    const study = metStudy();
    study.mono!.rows.push({ ...study.mono!.rows[0]!, tauNs: 4, ratio: 1.5 });
    expect(missed(study)).toEqual([]);
  });

  it('are left out where nothing was measured', () => {
    const study = metStudy();
    const bare = { ...study, rows: [], control: [], mono: null, uncertainty: null, recordings: [] };
    expect(studyTargets(bare)).toEqual([]);
  });
});
