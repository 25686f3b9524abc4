import type { FlimdClient, LifetimeFrame } from '../../src/client/index.js';
import { DecayPanel } from './decay-panel.js';
import type { DecaySituation } from './decay-note.js';
import { PixelReadout } from './pixel-readout.js';
import { type Region, regionAround, type RegionSide } from './region.js';
import type { SettingsStore } from './settings.js';
import { readPixel, type PixelReading } from './shown-frame.js';
import type { Point, Size } from './viewport.js';

/** The picked pixel and the one under the mouse: their numbers, and the decay of the picked one or its surroundings. */
export class PixelPanel {
  readonly #client: FlimdClient;
  readonly #readout = new PixelReadout();
  readonly #settings: SettingsStore;
  readonly #decays: DecayPanel;
  readonly #onRegion: (pixel: Point, region: Region) => void;
  #image: Size | null = null;
  #side: RegionSide;
  #picked: Point | null = null;
  #hovered: Point | null = null;

  /**
   * @param frozen while it says so, decays are left out: they would be of other frames than the picture
   * @param onRegion hears which pixels the decay is of
   */
  constructor(
    client: FlimdClient,
    settings: SettingsStore,
    frozen: () => boolean,
    onRegion: (pixel: Point, region: Region) => void,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#onRegion = onRegion;
    this.#side = settings.current.region;
    this.#decays = new DecayPanel(settings);
    client.on('decay', (decay) => {
      if (!frozen()) this.#decays.add(decay);
    });
    settings.onChange(({ region }) => {
      if (region === this.#side) return;
      this.#side = region;
      this.#watch();
    });
  }

  pick(pixel: Point): void {
    this.#picked = pixel;
    this.#watch();
  }

  hover(pixel: Point | null): void {
    this.#hovered = pixel;
  }

  /** What was summed belongs to the series before, and the region may reach beyond an image of another size. */
  beginSeries(image: Size | null): void {
    this.#image = image;
    this.#watch();
  }

  showNumbers(frame: LifetimeFrame | null): void {
    this.#readout.showPicked(this.#picked, reading(frame, this.#picked));
    const { mean } = this.#settings.current;
    this.#readout.showHovered(this.#hovered, reading(frame, this.#hovered), mean);
  }

  showDecay(situation: Omit<DecaySituation, 'picked'>): void {
    this.#decays.show({ ...situation, picked: this.#picked !== null });
  }

  #watch(): void {
    const [pixel, image] = [this.#picked, this.#image];
    if (pixel === null) return;
    const streamed = image !== null && pixel.x < image.width && pixel.y < image.height;
    const region = streamed ? regionAround(pixel, this.#side, image) : null;
    this.#client.watch(region);
    this.#decays.watch(region);
    // A frozen picture may be larger than the frames of the series behind it: its pixels have numbers but no decay.
    this.#onRegion(pixel, region ?? { ...pixel, width: 1, height: 1 });
  }
}

/** null: no frame, or one of another size that has no such pixel. */
function reading(frame: LifetimeFrame | null, pixel: Point | null): PixelReading | null {
  const inside = frame !== null && pixel !== null && pixel.x < frame.width && pixel.y < frame.height;
  return inside ? readPixel(frame, pixel) : null;
}
