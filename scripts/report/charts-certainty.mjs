// Charts beside theory: the Cramér–Rao bound, and the predicted standard error against the true one.
import { whole } from './format.mjs';
import { DASHES, GREY, SOLID, colours, logScale, nominal, strokeLegend } from './render.mjs';

/** (5) F = σ(τ)/τ · √photons of the mono-exponential training beside the Cramér–Rao bound. */
export function monoChart(study) {
  if (!study.mono || study.mono.rows.length === 0) return null;
  const names = ['network', 'Cramér–Rao bound'];
  const values = study.mono.rows.flatMap(({ tauNs, f, crbF }) => [
    { name: names[0], tauNs, f },
    { name: names[1], tauNs, f: crbF },
  ]);
  const encoding = {
    x: { field: 'tauNs', type: 'quantitative', title: 'lifetime (ns)' },
    y: { field: 'f', type: 'quantitative', scale: { zero: false }, title: 'F = σ(τ) / τ · √photons' },
    color: { ...nominal('name', null, names, [colours[1], GREY]), legend: strokeLegend },
  };
  const strokeDash = { ...nominal('name', null, names, [SOLID, DASHES]), legend: strokeLegend };
  return {
    width: 460,
    height: 280,
    data: { values },
    layer: [
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { ...encoding, strokeDash } },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding },
    ],
  };
}

/** The project's target: predicted within 15 % of true. */
export const TOLERANCE = 0.15;

/** (6) Predicted against true standard error, one point per photon count and quarter of the pixels by lifetime. */
export function uncertaintyChart(study) {
  if (!study.uncertainty || study.uncertainty.rows.length === 0) return null;
  const rows = study.uncertainty.rows;
  const counts = [...new Set(rows.map((row) => row.photons))].sort((a, b) => a - b);
  const quarters = [...new Set(rows.map(({ quarter }) => quarter))].sort((a, b) => a - b);
  const both = logScale(
    rows.flatMap((row) => [row.predictedNs, row.trueNs]),
    1.25,
  );
  const ends = both.scale.domain.map((trueNs) => ({
    trueNs,
    low: trueNs * (1 - TOLERANCE),
    high: trueNs * (1 + TOLERANCE),
  }));
  const axis = (field, title) => ({
    field,
    type: 'quantitative',
    scale: both.scale,
    axis: { values: both.values, format: '~g' },
    title,
  });
  const x = axis('trueNs', 'true RMS error of tau_amp (ns)');
  return {
    width: 400,
    height: 400,
    layer: [
      {
        data: { values: ends },
        mark: { type: 'area', color: '#dddddd', opacity: 0.7, clip: true },
        encoding: { x, y: axis('low', 'predicted standard error of tau_amp (ns)'), y2: { field: 'high' } },
      },
      {
        data: { values: ends },
        mark: { type: 'line', color: GREY, strokeWidth: 1.5 },
        encoding: { x, y: { field: 'trueNs', type: 'quantitative' } },
      },
      {
        data: { values: rows.map((row) => ({ ...row, count: whole(row.photons) })) },
        mark: { type: 'point', size: 70, strokeWidth: 2, opacity: 1 },
        encoding: {
          x,
          y: { field: 'predictedNs', type: 'quantitative' },
          color: nominal('count', 'photons', counts.map(whole), colours),
          shape: {
            field: 'quarter',
            type: 'nominal',
            scale: { domain: quarters },
            title: 'quarter by lifetime',
          },
        },
      },
    ],
  };
}

export const rangeName = ({ tauFromNs, tauToNs }) => `${tauFromNs.toFixed(2)}–${tauToNs.toFixed(2)}`;
