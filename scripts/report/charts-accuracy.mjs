// Charts of accuracy: against photons, against parameters.
import {
  arithmeticName,
  chartCount,
  commonLimit,
  isTeacher,
  networkName,
  networksOf,
  representatives,
  trainingName,
} from './networks.mjs';
import { GREY, colours, logScale, photonAxis } from './render.mjs';

const DASHED = '8 bit (dashed)';

/** (1) RMSE over the Bayes limit against photons, float and 8 bit of every network. */
export function limitChart(study) {
  const lines = networksOf(study).flatMap((rows) => {
    const { float, eightBit } = representatives(rows);
    return [float && ['float', float], eightBit && [DASHED, eightBit]].filter(Boolean);
  });
  const values = lines.flatMap(([arithmetic, row]) =>
    study.photons.map((photons) => ({
      network: networkName(row),
      arithmetic,
      photons,
      ratio: row.rmseNs[photons] / row.bayesRmseNs[photons],
    })),
  );
  if (values.length === 0) return null;
  const names = [...new Set(values.map((value) => value.network))];
  const kinds = ['float', DASHED].filter((kind) => values.some((value) => value.arithmetic === kind));
  const encoding = {
    x: photonAxis(study.photons),
    y: {
      field: 'ratio',
      type: 'quantitative',
      scale: { zero: false },
      title: 'RMSE of tau_amp / Bayes limit',
    },
    color: { field: 'network', type: 'nominal', scale: { domain: names, range: colours }, title: 'network' },
  };
  const arithmetic = { field: 'arithmetic', type: 'nominal', title: 'arithmetic', sort: kinds };
  return {
    width: 520,
    height: 320,
    data: { values },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: 'rule', color: GREY, strokeDash: [2, 3] },
        encoding: { y: { datum: 1 } },
      },
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          ...encoding,
          strokeDash: {
            ...arithmetic,
            scale: {
              domain: kinds,
              range: [
                [1, 0],
                [6, 4],
              ],
            },
          },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: {
          ...encoding,
          shape: { ...arithmetic, scale: { domain: kinds, range: ['circle', 'square'] } },
        },
      },
    ],
  };
}

/** Symbols of one size stand side by side, in this order, 11 px apart. */
const STEP_PX = 11;

/** (2) RMSE against parameters at one photon count, a symbol per technique. */
export function parametersChart(study) {
  const count = chartCount(study);
  const kinds = arithmeticKinds(study.rows);
  const values = networksOf(study).flatMap((rows) => {
    const present = kinds.filter((kind) => rows.some((row) => arithmeticName(row) === kind));
    return rows.map((row) => ({
      parameters: row.parameters,
      rmseNs: row.rmseNs[count],
      training: isTeacher(row) ? 'teacher' : trainingName(row),
      arithmetic: arithmeticName(row),
      shiftPx: STEP_PX * (present.indexOf(arithmeticName(row)) - (present.length - 1) / 2),
    }));
  });
  const limit = commonLimit(study)?.[count];
  const y = logScale([...values.map((value) => value.rmseNs), limit ?? values[0].rmseNs]);
  const x = logScale(
    values.map((value) => value.parameters),
    1.5,
  );
  const shift = { expr: 'datum.shiftPx' };
  const trainings = ['teacher', 'scratch', 'KD'].filter((name) =>
    values.some((value) => value.training === name),
  );
  return {
    width: 620,
    height: 340,
    data: { values },
    layer: [
      ...(limit === undefined ? [] : limitRule(limit, `Bayes limit at ${count} photons`)),
      {
        mark: { type: 'point', size: 80, strokeWidth: 2, opacity: 1, xOffset: shift },
        encoding: {
          x: {
            field: 'parameters',
            type: 'quantitative',
            scale: x.scale,
            axis: { values: x.values, format: '~s', labelOverlap: false },
            title: 'parameters of the live path (encoder and head)',
          },
          y: {
            field: 'rmseNs',
            type: 'quantitative',
            scale: y.scale,
            axis: { values: y.values, format: '~g' },
            title: `RMSE of tau_amp at ${count} photons (ns)`,
          },
          color: {
            field: 'training',
            type: 'nominal',
            scale: { domain: trainings, range: trainings.map((name) => trainingColours[name]) },
            title: 'training',
          },
          shape: {
            field: 'arithmetic',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => shapes[kind]) },
            title: 'arithmetic',
          },
        },
      },
    ],
  };
}

const trainingColours = { teacher: '#000000', scratch: '#0072B2', KD: '#D55E00' };
const shapes = {
  float: 'circle',
  'PTQ 16 bit': 'triangle-up',
  'PTQ 8 bit': 'triangle-down',
  'PTQ 4 bit': 'triangle-right',
  'QAT 16 bit': 'cross',
  'QAT 8 bit': 'square',
  'QAT 4 bit': 'diamond',
};
const arithmeticKinds = (rows) =>
  Object.keys(shapes).filter((kind) => rows.some((row) => arithmeticName(row) === kind));

function limitRule(limit, text) {
  const data = { values: [{}] };
  const y = { datum: limit };
  return [
    { data, mark: { type: 'rule', color: GREY, strokeDash: [5, 3], strokeWidth: 1.5 }, encoding: { y } },
    {
      data,
      mark: {
        type: 'text',
        text,
        color: '#555555',
        fontSize: 12,
        align: 'left',
        baseline: 'top',
        dy: 4,
        dx: 6,
      },
      encoding: { y, x: { value: 0 } },
    },
  ];
}
