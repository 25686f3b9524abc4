// Charts of accuracy: against photons, against parameters.
import { whole } from './format.mjs';
import {
  arithmeticName,
  chartCount,
  excessPercent,
  isTeacher,
  networkName,
  networksOf,
  representatives,
  trainingName,
} from './networks.mjs';
import { DASHES, GREY, SOLID, colours, excessAxis, logScale, nominal, photonAxis } from './render.mjs';

const DASHED = '8 bit (dashed)';

/** (1) RMSE above the Bayes limit against photons, float and 8 bit of every network. */
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
      excess: excessPercent(row, photons),
    })),
  );
  if (values.length === 0) return null;
  const names = [...new Set(values.map((value) => value.network))];
  const kinds = ['float', DASHED].filter((kind) => values.some((value) => value.arithmetic === kind));
  const encoding = {
    x: photonAxis(study.photons),
    y: excessAxis(
      values.map((value) => value.excess),
      320,
      'RMSE above Bayes limit (%)',
    ),
    color: nominal('network', 'network', names, colours),
  };
  const arithmetic = (plain, dashed) =>
    nominal(
      'arithmetic',
      'arithmetic',
      kinds,
      kinds.map((kind) => (kind === DASHED ? dashed : plain)),
    );
  const data = { values: [{}] };
  return {
    width: 520,
    height: 320,
    data: { values },
    layer: [
      { data, mark: { type: 'rule', color: GREY, strokeDash: [2, 3] }, encoding: { y: { datum: 0 } } },
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { ...encoding, strokeDash: arithmetic(SOLID, DASHES) },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: { ...encoding, shape: arithmetic('circle', 'square') },
      },
    ],
  };
}

/** Symbols of one size stand side by side, in this order, 11 px apart. */
const STEP_PX = 11;

/** (2) RMSE above the Bayes limit against parameters at one photon count, a symbol per technique. */
export function parametersChart(study) {
  const count = chartCount(study);
  const kinds = arithmeticKinds(study.rows);
  const values = networksOf(study).flatMap((rows) => {
    const present = kinds.filter((kind) => rows.some((row) => arithmeticName(row) === kind));
    return rows.map((row) => ({
      parameters: row.parameters,
      excess: excessPercent(row, count),
      training: isTeacher(row) ? 'teacher' : trainingName(row),
      arithmetic: arithmeticName(row),
      shiftPx: STEP_PX * (present.indexOf(arithmeticName(row)) - (present.length - 1) / 2),
    }));
  });
  const mark = { type: 'point', size: 80, strokeWidth: 2, opacity: 1, xOffset: { expr: 'datum.shiftPx' } };
  return {
    title: `tau_amp at ${whole(count)} photons`,
    width: 620,
    height: 340,
    data: { values },
    layer: [...limitRule(), { mark, encoding: symbolEncoding(values, kinds) }],
  };
}

function symbolEncoding(values, kinds) {
  const of = (key) => values.map((value) => value[key]);
  // Room for the symbols beside the smallest and the largest network.
  const x = logScale(of('parameters'), 2);
  const trainings = Object.keys(trainingColours).filter((name) => of('training').includes(name));
  const rangeOf = (names, table) => names.map((name) => table[name]);
  return {
    x: {
      field: 'parameters',
      type: 'quantitative',
      scale: x.scale,
      axis: { values: x.values, format: '~s', labelOverlap: false },
      title: 'parameters of the live path (encoder and head)',
    },
    y: excessAxis(of('excess'), 340, 'RMSE above Bayes limit (%)'),
    color: nominal('training', 'training', trainings, rangeOf(trainings, trainingColours)),
    shape: nominal('arithmetic', 'arithmetic', kinds, rangeOf(kinds, shapes)),
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

function limitRule() {
  const data = { values: [{}] };
  const y = { datum: 0 };
  return [
    { data, mark: { type: 'rule', color: GREY, strokeDash: DASHES, strokeWidth: 1.5 }, encoding: { y } },
    {
      data,
      mark: {
        type: 'text',
        text: 'Bayes limit',
        color: '#555555',
        fontSize: 12,
        align: 'center',
        baseline: 'bottom',
        dy: -4,
      },
      encoding: { y, x: { value: 450 } },
    },
  ];
}
