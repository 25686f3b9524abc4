// A Vega-Lite chart as SVG text, the same bytes for the same chart: no canvas, no clock, ids counted from 0.
import * as vega from 'vega';
import { compile } from 'vega-lite';

/** Okabe and Ito's colours, told apart by colour-blind readers too; yellow is left out on white. */
export const colours = ['#000000', '#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
export const GREY = '#767676';

const config = {
  background: 'white',
  font: 'DejaVu Sans, Verdana, sans-serif',
  padding: 12,
  view: { stroke: '#bbbbbb' },
  title: { fontSize: 14, fontWeight: 600, anchor: 'start', offset: 10 },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, gridColor: '#e6e6e6', titlePadding: 8 },
  legend: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 600,
    labelLimit: 0,
    titleLimit: 0,
    symbolSize: 80,
    symbolStrokeWidth: 2,
    rowPadding: 4,
  },
  header: { labelFontSize: 13, titleFontSize: 12, titleFontWeight: 400 },
  range: { category: colours },
};

export async function renderSvg(chart) {
  const { spec } = compile({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', config, ...chart });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

/** A logarithmic scale just around the values, with readable ticks that do not touch. */
export function logScale(values, margin = 1.12) {
  const low = Math.min(...values) / margin;
  const high = Math.max(...values) * margin;
  return {
    scale: { type: 'log', domain: [low, high], nice: false },
    values: high / low < 3 ? evenTicks(low, high) : decadeTicks(low, high),
  };
}

/** Up to 8 ticks at multiples of 1, 2 or 5 times a power of ten. */
function evenTicks(low, high) {
  const rough = (high - low) / 8;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((size) => size >= rough);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(6)));
}

/** 1, 1.5, 2, 3, 5, 7 of each decade; 1, 2, 5 where there are many decades. */
function decadeTicks(low, high) {
  const steps = high / low > 30 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const ticks = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    ticks.push(...steps.map((step) => Number((step * 10 ** decade).toPrecision(3))));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** In %: the axis goes over from even to logarithmic here. */
const EVEN_BELOW = 2;
const MIN_TICK_PX = 16;
const EXCESS_TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];

/** The axis of `excess`, RMSE above the Bayes limit in %: even near 0, logarithmic far from it and below it. */
export function excessAxis(values, heightPx, title) {
  const low = Math.min(0, ...values) * 1.2 - 0.4;
  const high = Math.max(0, ...values) * 1.25 + 0.4;
  const place = (value) => Math.sign(value) * Math.log1p(Math.abs(value) / EVEN_BELOW);
  const gap = (MIN_TICK_PX / heightPx) * (place(high) - place(low));
  const ticks = EXCESS_TICKS.reduce(
    (chosen, tick) => (place(tick) - place(chosen.at(-1)) < gap ? chosen : [...chosen, tick]),
    [0],
  );
  const both = [...ticks.slice(1).map((tick) => -tick), ...ticks];
  const shown = both.filter((tick) => tick > low && tick < high);
  return {
    field: 'excess',
    type: 'quantitative',
    scale: { type: 'symlog', constant: EVEN_BELOW, domain: [low, high], nice: false },
    // Without a count Vega leaves out every second of many ticks.
    axis: { values: shown, tickCount: shown.length, format: ',d', labelOverlap: false, grid: true },
    title,
  };
}

/** A channel that tells names apart. */
export const nominal = (field, title, names, range) => ({
  field,
  type: 'nominal',
  title,
  scale: { domain: names, range },
});

/** Legends of dashed lines show a piece of the line. */
export const strokeLegend = { symbolType: 'stroke', symbolSize: 600 };
export const SOLID = [1, 0];
export const DASHES = [5, 3];

/** Panels in full rows where that is possible. */
export const panelColumns = (panels) => (panels === 4 ? 2 : 3);

/** The photon axis: logarithmic, with a tick at each count of the study. */
export function photonAxis(photons) {
  return {
    field: 'photons',
    type: 'quantitative',
    scale: { type: 'log', domain: [Math.min(...photons) / 1.15, Math.max(...photons) * 1.15], nice: false },
    axis: { values: photons, format: ',d', labelOverlap: false },
    title: 'photons per pixel',
  };
}
