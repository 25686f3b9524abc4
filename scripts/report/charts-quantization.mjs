// Charts of what few bits cost, and of the training runs.
import { whole } from './format.mjs';
import {
  chartCount,
  excessPercent,
  isTeacher,
  networkName,
  networksOf,
  sizesOf,
  trainingName,
} from './networks.mjs';
import { DASHES, SOLID, colours, excessAxis, nominal, panelColumns, strokeLegend } from './render.mjs';

const techniqueColours = { PTQ: '#0072B2', QAT: '#D55E00' };

/** (3) RMSE above the Bayes limit against bits, a panel per network; the float network stands at 32 in both curves. */
export function bitsChart(study) {
  const count = chartCount(study);
  const networks = networksOf(study).filter((rows) => rows.some((row) => row.quantization !== 'float'));
  const values = networks.flatMap((rows) => rows.flatMap((row) => bitPoints(rows, row, count)));
  if (values.length === 0) return null;
  const bits = [...new Set(values.map((value) => value.bits))].sort((a, b) => a - b);
  const techniques = Object.keys(techniqueColours);
  const trainings = ['scratch', 'KD'].filter((name) => values.some((value) => value.training === name));
  const encoding = {
    x: { field: 'bits', type: 'ordinal', sort: bits, title: 'bits (32: float)', axis: { labelAngle: 0 } },
    y: excessAxis(
      values.map((value) => value.excess),
      200,
      ['RMSE above', 'Bayes limit (%)'],
    ),
    color: nominal('technique', 'quantization', techniques, Object.values(techniqueColours)),
  };
  const dashes = trainings.map((name) => (name === 'KD' ? SOLID : DASHES));
  const strokeDash = { ...nominal('training', 'training', trainings, dashes), legend: strokeLegend };
  return {
    title: `tau_amp at ${whole(count)} photons`,
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
        { mark: { type: 'line', strokeWidth: 2 }, encoding: { ...encoding, strokeDash } },
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
    excess: excessPercent(row, count),
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
  const kinds = [...new Set(logs.map(runKind))];
  const sizes = sizesOf(logs).map(String);
  return {
    concat: kinds.map((kind) =>
      lossPanel(
        kind,
        logs.filter((log) => runKind(log) === kind),
        sizes,
      ),
    ),
    columns: panelColumns(kinds.length),
    spacing: 24,
  };
}

function lossPanel(kind, logs, sizes) {
  const values = logs.flatMap((log) =>
    log.points.map(([step, loss]) => ({ hidden: String(log.hidden), run: log.name, step, loss })),
  );
  return {
    title: { text: kind, fontSize: 13, fontWeight: 400, anchor: 'middle' },
    width: 210,
    height: 170,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.5, clip: true },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'step', axis: { format: ',d', tickCount: 3 } },
      y: {
        field: 'loss',
        type: 'quantitative',
        scale: { domain: lossDomain(logs), nice: false },
        axis: { tickCount: 5 },
        title: 'training loss',
      },
      color: {
        ...nominal('hidden', 'hidden units', sizes, [...colours.slice(1), colours[0]]),
        legend: strokeLegend,
      },
      detail: { field: 'run', type: 'nominal' },
    },
  };
}

/** From the lowest loss to the highest that any run has after its first twentieth, which would hide the rest. */
function lossDomain(logs) {
  const later = logs.flatMap(({ points }) => points.slice(Math.floor(points.length / 20)));
  const losses = later.map(([, loss]) => loss);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const margin = (high - low || Math.abs(high) || 1) / 20;
  return [low - margin, high + margin];
}
