import { part, setText } from './dom.js';
import type { PixelReading } from './shown-frame.js';
import type { Point } from './viewport.js';
import { grouped, meanNames, nanoseconds } from './wording.js';

/** The numbers of the picked pixel, and the line under the map for the pixel under the mouse. */
export class PixelReadout {
  readonly #panel = part('pixel');
  readonly #where = part('pixel-where');
  readonly #intensity = part('pixel-tau-int');
  readonly #amplitude = part('pixel-tau-amp');
  readonly #photons = part('pixel-photons');
  readonly #hover = part('hover');

  showPicked(pixel: Point | null, reading: PixelReading | null): void {
    this.#panel.dataset.picked = String(pixel !== null);
    setText(this.#where, pixel === null ? '– , –' : place(pixel));
    setText(this.#intensity, reading === null ? '–' : lifetimeText(reading, reading.intensityPs));
    setText(this.#amplitude, reading === null ? '–' : lifetimeText(reading, reading.amplitudePs));
    setText(this.#photons, reading === null || reading.missing ? '–' : grouped(reading.photons));
  }

  showHovered(pixel: Point | null, reading: PixelReading | null): void {
    if (pixel === null || reading === null) return setText(this.#hover, '');
    if (reading.missing) return setText(this.#hover, `${place(pixel)}   row missing from this frame`);
    const { short } = meanNames.intensity;
    const tau = reading.intensityPs === 0 ? 'no estimate' : `${short} ${nanoseconds(reading.intensityPs)} ns`;
    setText(this.#hover, `${place(pixel)}   ${tau}   ${grouped(reading.photons)} photons`);
  }
}

const place = ({ x, y }: Point): string => `${x} , ${y}`;

/** All digits that came, so that a reader sees what the stream carried. */
function lifetimeText({ missing }: PixelReading, ps: number): string {
  return missing || ps === 0 ? '–' : nanoseconds(ps);
}
