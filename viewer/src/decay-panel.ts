import type { Decay } from '../../src/client/index.js';
import { DecayChart } from './decay-chart.js';
import { DecayLegend } from './decay-legend.js';
import { decayNote, type DecaySituation } from './decay-note.js';
import { DecaySum } from './decay-sum.js';
import { part, setText } from './dom.js';
import { type Region, regionSides, sameRegion } from './region.js';
import type { SettingsStore } from './settings.js';
import { grouped } from './wording.js';

/** The decay of the picked pixel or region: one frame's or the sum since it was picked, or why there is none. */
export class DecayPanel {
  readonly #title = part('decay-title');
  readonly #note = part('decay-note');
  readonly #root = part('decay');
  readonly #sumButton = part('decay-sum');
  readonly #logButton = part('decay-log');
  readonly #settings: SettingsStore;
  readonly #chart: DecayChart;
  readonly #sum = new DecaySum();
  readonly #regionChoice = part<HTMLSelectElement>('decay-region');
  readonly #legend = new DecayLegend();
  #region: Region | null = null;
  #stale = true;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
    this.#chart = new DecayChart(part('decay-plot'), settings.current.decayScale);
    this.#sumButton.addEventListener('click', () =>
      settings.update({ decaySum: !settings.current.decaySum }),
    );
    this.#logButton.addEventListener('click', () =>
      settings.update({ decayScale: settings.current.decayScale === 'log' ? 'lin' : 'log' }),
    );
    this.#regionChoice.append(...regionSides.map((side) => new Option(`${side} × ${side}`, String(side))));
    this.#regionChoice.addEventListener('change', () =>
      settings.update({ region: regionSides[this.#regionChoice.selectedIndex]! }),
    );
    settings.onChange(() => this.#applySettings());
    this.#applySettings();
  }

  /** Another region, or another series: what was summed belongs to neither. */
  watch(region: Region | null): void {
    this.#region = region;
    this.#sum.reset();
    this.#stale = true;
  }

  add(decay: Decay): void {
    if (this.#region === null || !sameRegion(decay, this.#region)) return;
    this.#sum.add(decay);
    this.#stale = true;
  }

  /** Draws what has come since the last call. */
  show(situation: DecaySituation): void {
    const { latest } = this.#sum;
    this.#root.dataset.shown = String(latest !== null);
    if (latest === null) {
      setText(this.#title, 'Decay');
      setText(this.#note, decayNote(situation));
    }
    if (!this.#stale) return;
    this.#stale = false;
    this.#legend.show(latest);
    if (latest === null) return this.#chart.clear();
    const { decaySum } = this.#settings.current;
    const counts = decaySum ? this.#sum.sum : Float64Array.from(latest.counts);
    const photons = grouped(counts.reduce((sum, count) => sum + count, 0));
    const frames = decaySum ? grouped(this.#sum.frames) : '1';
    setText(this.#title, `Decay · ${frames} frame${frames === '1' ? '' : 's'} · ${photons} photons`);
    this.#chart.show(counts, latest.binWidthPs, latest.deconvolved);
  }

  #applySettings(): void {
    const { decaySum, decayScale, region } = this.#settings.current;
    this.#regionChoice.value = String(region);
    this.#sumButton.setAttribute('aria-pressed', String(decaySum));
    this.#logButton.setAttribute('aria-pressed', String(decayScale === 'log'));
    this.#chart.setScale(decayScale);
    this.#stale = true;
  }
}
