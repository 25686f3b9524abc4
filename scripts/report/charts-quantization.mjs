// Charts of what few bits cost, and of the training runs.
import { chartCount, isTeacher, networkName, networksOf, sizesOf, trainingName } from './networks.mjs';
import { colours, logScale, panelColumns, strokeLegend } from './render.mjs';

const techniqueColours = { PTQ: '#0072B2', QAT: '#D55E00' };

/** (3) RMSE against bits, a panel per network; the float network stands at 32 in both curves. */
export function bitsChart(study) {
  const count = chartCount(study);
  const networks = networksOf(study).filter((rows) => rows.some((row) => row.quantization !== 'float'));
  const values = networks.flatMap((rows) => rows.flatMap((row) => bitPoints(rows, row, count)));
  if (values.length === 0) return null;
  const y = logScale(values.map((value) => value.rmseNs));
  const bits = [...new Set(values.map((value) => value.bits))].sort((a, b) => a - b);
  const techniques = Object.keys(techniqueColours);
  const trainings = ['scratch', 'KD'].filter((name) => values.some((value) => value.training === name));
  const encoding = {
    x: { field: 'bits', type: 'ordinal', sort: bits, title: 'bits (32: float)', axis: { labelAngle: 0 } },
    y: {
      field: 'rmseNs',
      type: 'quantitative',
      scale: y.scale,
      axis: { values: y.values, format: '~g' },
      title: `RMSE at ${count} photons (ns)`,
    },
    color: {
      field: 'technique',
      type: 'nominal',
      scale: { domain: techniques, range: Object.values(techniqueColours) },
      title: 'quantization',
    },
  };
  return {
    data: { values },
    facet: {
      field: 'network',
      type: 'nominal',
      sort: networks.map(([row]) => networkName(row)),
      header: { title: null },
    },
    columns: panelColumns(networks.length),
    spacing: 28,
    spec: {
      width: 210,
      height: 200,
      layer: [
        {
          mark: { type: 'line', strokeWidth: 2 },
          encoding: {
            ...encoding,
            strokeDash: {
              field: 'training',
              type: 'nominal',
              scale: { domain: trainings, range: trainings.map((name) => (name === 'KD' ? [1, 0] : [5, 3])) },
              title: 'training',
              legend: strokeLegend,
            },
          },
        },
        { mark: { type: 'point', filled: true, size: 55, opacity: 1 }, encoding },
      ],
    },
    resolve: { axis: { x: 'independent', y: 'independent' } },
  };
}

/** A quantized row is a point of its technique's curve, a float row one of each curve of its training. */
function bitPoints(rows, row, count) {
  const point = (technique) => ({
    network: networkName(row),
    training: trainingName(row),
    technique,
    bits: row.bits,
    rmseNs: row.rmseNs[count],
  });
  if (row.quantization !== 'float') return [point(row.quantization.toUpperCase())];
  return ['ptq', 'qat']
    .filter((technique) =>
      rows.some((other) => other.training === row.training && other.quantization === technique),
    )
    .map((technique) => point(technique.toUpperCase()));
}

const runKind = (log) =>
  [
    isTeacher(log) ? 'teacher' : trainingName(log),
    log.quantization === 'float' ? 'float' : `${log.quantization.toUpperCase()} ${log.bits} bit`,
  ].join(', ');

/** (7) Loss against steps, a panel per kind of training; losses of different kinds have different terms. */
export function lossChart(study) {
  const logs = study.trainingLogs.filter((log) => log.points.length > 1);
  if (logs.length === 0) return null;
  const sizes = sizesOf(logs);
  const values = logs.flatMap((log, run) =>
    log.points.map(([step, loss]) => ({ kind: runKind(log), hidden: String(log.hidden), run, step, loss })),
  );
  const losses = values.map((value) => value.loss);
  const logarithmic = Math.min(...losses) > 0 && Math.max(...losses) / Math.min(...losses) > 4;
  const y = logarithmic ? logScale(losses, 1.05) : { scale: { zero: false } };
  const kinds = [...new Set(logs.map(runKind))];
  return {
    data: { values },
    facet: { field: 'kind', type: 'nominal', sort: kinds, header: { title: null } },
    columns: panelColumns(kinds.length),
    spacing: 28,
    spec: {
      width: 210,
      height: 170,
      mark: { type: 'line', strokeWidth: 1.5 },
      encoding: {
        x: { field: 'step', type: 'quantitative', title: 'step', axis: { format: ',d', tickCount: 3 } },
        y: {
          field: 'loss',
          type: 'quantitative',
          scale: y.scale,
          axis: y.values ? { values: y.values, format: '~g' } : {},
          title: 'training loss',
        },
        color: {
          field: 'hidden',
          type: 'nominal',
          scale: { domain: sizes.map(String), range: [...colours.slice(1), colours[0]] },
          title: 'hidden units',
          legend: strokeLegend,
        },
        detail: { field: 'run', type: 'nominal' },
      },
    },
    resolve: { axis: { x: 'independent', y: 'independent' } },
  };
}
