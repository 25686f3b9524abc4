import type { FlimdClient, LifetimeFrame } from '../../src/client/index.js';
import { DecayPanel } from './decay-panel.js';
import type { DecaySituation } from './decay-note.js';
import { PixelReadout } from './pixel-readout.js';
import type { SettingsStore } from './settings.js';
import { readPixel, type PixelReading } from './shown-frame.js';
import type { Point } from './viewport.js';

/** The picked pixel and the one under the mouse: their numbers, and the decay of the picked one. */
export class PixelPanel {
  readonly #client: FlimdClient;
  readonly #readout = new PixelReadout();
  readonly #settings: SettingsStore;
  readonly #decays: DecayPanel;
  #picked: Point | null = null;
  #hovered: Point | null = null;

  /** @param frozen while it says so, decays are left out: they would be of other frames than the picture */
  constructor(client: FlimdClient, settings: SettingsStore, frozen: () => boolean) {
    this.#client = client;
    this.#settings = settings;
    this.#decays = new DecayPanel(settings);
    client.on('decay', (decay) => {
      if (!frozen()) this.#decays.add(decay);
    });
  }

  pick(pixel: Point): void {
    this.#picked = pixel;
    this.#client.watch(pixel);
    this.#decays.watch(pixel);
  }

  hover(pixel: Point | null): void {
    this.#hovered = pixel;
  }

  /** What was summed belongs to the series before. */
  beginSeries(): void {
    this.#decays.watch(this.#picked);
  }

  showNumbers(frame: LifetimeFrame | null): void {
    this.#readout.showPicked(this.#picked, reading(frame, this.#picked));
    const { mean } = this.#settings.current;
    this.#readout.showHovered(this.#hovered, reading(frame, this.#hovered), mean);
  }

  showDecay(situation: Omit<DecaySituation, 'picked'>): void {
    this.#decays.show({ ...situation, picked: this.#picked !== null });
  }
}

/** null: no frame, or one of another size that has no such pixel. */
function reading(frame: LifetimeFrame | null, pixel: Point | null): PixelReading | null {
  const inside = frame !== null && pixel !== null && pixel.x < frame.width && pixel.y < frame.height;
  return inside ? readPixel(frame, pixel) : null;
}
