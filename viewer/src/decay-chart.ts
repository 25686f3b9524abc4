import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DeconvolvedDecay } from '../../src/protocol/index.js';
import { deconvolvedPerBin } from './deconvolved-bins.js';
import type { DecayScale } from './settings.js';

const GRID = { stroke: 'rgba(255, 255, 255, 0.06)', width: 1 };
const FONT = '11px system-ui, sans-serif';
const LABELS = '#96a2ae';
/** Those of the legend (style.css). */
const MEASURED = '#5cc8b4';
const DECONVOLVED = '#f0b64a';

/** Where a logarithmic axis begins, so that its ticks are powers of ten; a little below 1 where bins are empty. */
const decadeBelow = (photons: number): number => (photons < 1 ? 0.7 : 10 ** Math.floor(Math.log10(photons)));

/** A logarithmic axis has no zero: empty bins lie below its lowest value. */
const BELOW_LOG_AXIS = 0.1;

/** A measured decay and, where there is one, the deconvolved: photons per detector bin against time, with a linear or a logarithmic photon axis. */
export class DecayChart {
  readonly #root: HTMLElement;
  #scale: DecayScale;
  #plot: uPlot;

  constructor(root: HTMLElement, scale: DecayScale) {
    this.#root = root;
    this.#scale = scale;
    this.#plot = this.#build();
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(root);
  }

  setScale(scale: DecayScale): void {
    if (scale === this.#scale) return;
    const data = this.#plot.data;
    this.#plot.destroy();
    this.#scale = scale;
    this.#plot = this.#build();
    this.#plot.setData(data);
  }

  show(counts: Float64Array, binWidthPs: number, deconvolved: DeconvolvedDecay | null): void {
    const ns = Array.from(counts, (_, bin) => (bin * binWidthPs) / 1000);
    const least = this.#scale === 'log' ? BELOW_LOG_AXIS : 0;
    const measured = Array.from(counts, (count) => Math.max(count, least));
    const photons = counts.reduce((sum, count) => sum + count, 0);
    const line = deconvolved
      ? deconvolvedPerBin(deconvolved, { bins: counts.length, binWidthPs, photons }).map((value) =>
          value === null ? null : Math.max(value, least),
        )
      : ns.map(() => null);
    this.#plot.setData([ns, measured, line]);
  }

  clear(): void {
    this.#plot.setData([[], [], []]);
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(80, this.#root.clientWidth), height: Math.max(60, this.#root.clientHeight) };
  }

  #build(): uPlot {
    const log = this.#scale === 'log';
    return new uPlot(
      {
        ...this.#size(),
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: { points: { show: false }, drag: { x: false, y: false } },
        scales: {
          x: { time: false },
          y: log
            ? { distr: 3, range: (_, min, max) => [decadeBelow(min), Math.max(10, 1.3 * max)] }
            : { range: (_, __, max) => [0, Math.max(4, 1.08 * max)] },
        },
        axes: [
          {
            label: 'ns',
            labelSize: 14,
            labelFont: FONT,
            size: 22,
            stroke: LABELS,
            font: FONT,
            grid: GRID,
            ticks: { show: false },
          },
          { size: 40, stroke: LABELS, font: FONT, grid: GRID, ticks: { show: false } },
        ],
        series: [
          {},
          {
            stroke: MEASURED,
            width: 1.25,
            fill: 'rgba(92, 200, 180, 0.1)',
            paths: uPlot.paths.stepped?.({ align: 1 }),
            points: { show: false },
          },
          {
            stroke: DECONVOLVED,
            width: 1.5,
            paths: uPlot.paths.stepped?.({ align: 1 }),
            points: { show: false },
          },
        ],
      },
      [[], [], []],
      this.#root,
    );
  }
}
