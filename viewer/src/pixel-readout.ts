import { part, setText } from './dom.js';
import type { MeanName } from './settings.js';
import type { LifetimeReading, PixelReading } from './shown-frame.js';
import type { Point } from './viewport.js';
import { grouped, meanNames, nanoseconds, withError } from './wording.js';

/** The numbers of the picked pixel, and the line under the map for the pixel under the mouse. */
export class PixelReadout {
  readonly #panel = part('pixel');
  readonly #where = part('pixel-where');
  readonly #means = {
    intensity: { value: part('pixel-tau-int'), error: part('pixel-error-int') },
    amplitude: { value: part('pixel-tau-amp'), error: part('pixel-error-amp') },
  };
  readonly #photons = part('pixel-photons');
  readonly #hover = part('hover');

  showPicked(pixel: Point | null, reading: PixelReading | null): void {
    this.#panel.dataset.picked = String(pixel !== null);
    setText(this.#where, pixel === null ? '– , –' : place(pixel));
    for (const mean of ['intensity', 'amplitude'] as const) {
      const shown = reading === null || reading.missing || reading[mean].tauPs === 0 ? null : reading[mean];
      // All digits that came, so that a reader sees what the stream carried.
      setText(this.#means[mean].value, shown === null ? '–' : nanoseconds(shown.tauPs));
      const errorPs = shown?.errorPs ?? null;
      setText(this.#means[mean].error, errorPs === null ? '' : `± ${nanoseconds(errorPs)}`);
    }
    setText(this.#photons, reading === null || reading.missing ? '–' : grouped(reading.photons));
  }

  /** `mean`: the one that the map shows. */
  showHovered(pixel: Point | null, reading: PixelReading | null, mean: MeanName): void {
    if (pixel === null || reading === null) return setText(this.#hover, '');
    if (reading.missing) return setText(this.#hover, `${place(pixel)}   row missing from this frame`);
    const tau = `${meanNames[mean].short} ${lifetimeText(reading[mean])}`;
    const shown = reading[mean].tauPs === 0 ? 'no estimate' : tau;
    setText(this.#hover, `${place(pixel)}   ${shown}   ${grouped(reading.photons)} photons`);
  }
}

const place = ({ x, y }: Point): string => `${x} , ${y}`;

function lifetimeText({ tauPs, errorPs }: LifetimeReading): string {
  return `${errorPs === null ? nanoseconds(tauPs) : withError(tauPs, errorPs)} ns`;
}
