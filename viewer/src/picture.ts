import type { LifetimeFrame } from '../../src/client/index.js';
import type { ColourRanges } from '../../src/colour/colour.js';
import { FrameDistribution } from './distribution.js';
import type { MapView } from './map-view.js';
import { ScaleBars } from './scale-bars.js';
import { Scales } from './scales.js';
import type { SettingsStore } from './settings.js';
import { mapFrame } from './shown-frame.js';

/** Ms between two measurements of the histograms and automatic ranges; painting is faster than reading. */
const MEASURE_MS = 100;

/** One frame on the screen: map, scales, automatic ranges, all from the same frame. */
export class Picture {
  readonly #map: MapView;
  readonly #settings: SettingsStore;
  readonly #bars: ScaleBars;
  readonly #scales = new Scales();
  readonly #distribution = new FrameDistribution();
  #frame: LifetimeFrame | null = null;
  #longestPs: number | null = null;
  #ranges: ColourRanges;
  #measuredAt = -Infinity;
  #changed = true;

  constructor(map: MapView, settings: SettingsStore) {
    this.#map = map;
    this.#settings = settings;
    this.#bars = new ScaleBars(settings);
    this.#ranges = this.#scales.ranges(settings.current);
    let { mean } = settings.current;
    settings.onChange((current) => {
      if (current.mean !== mean) this.#scales.reset();
      mean = current.mean;
      this.#changed = true;
    });
  }

  get frame(): LifetimeFrame | null {
    return this.#frame;
  }

  get ranges(): ColourRanges {
    return this.#ranges;
  }

  /** A new series: nothing of the one before stays. */
  clear(longestPs: number | null): void {
    this.#frame = null;
    this.#longestPs = longestPs;
    this.#scales.reset();
    this.#map.clear();
    this.#changed = true;
  }

  /** Paints the frame where it, or how it is to be shown, is new. Returns whether it did. */
  paint(frame: LifetimeFrame | null, now: number): boolean {
    if (frame === this.#frame && !this.#changed) return false;
    const due = this.#changed || now - this.#measuredAt >= MEASURE_MS;
    this.#frame = frame;
    this.#changed = false;
    if (frame === null) this.#map.clear();
    else this.#paintMap(frame, due);
    if (due) {
      this.#measuredAt = now;
      this.#bars.show(this.#ranges, this.#scales.reach(this.#ranges), this.#distribution);
    }
    return true;
  }

  #paintMap(frame: LifetimeFrame, measure: boolean): void {
    const { mean, mode, palette } = this.#settings.current;
    const shown = mapFrame(frame, mean);
    if (measure) {
      this.#distribution.measure(shown);
      this.#scales.follow(this.#distribution, this.#longestPs);
    }
    this.#ranges = this.#scales.ranges(this.#settings.current);
    this.#map.paint(shown, this.#ranges, palette, mode);
  }
}
