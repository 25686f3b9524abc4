import type { LifetimeFrame } from '../../src/client/index.js';
import { part } from './dom.js';

/** Holds the frame that was on the screen when it was pressed; the stream goes on behind it. */
export class FreezeButton {
  readonly #button = part<HTMLButtonElement>('freeze');
  readonly #shown: () => LifetimeFrame | null;
  #frame: LifetimeFrame | null = null;

  constructor(shown: () => LifetimeFrame | null) {
    this.#shown = shown;
    this.#button.addEventListener('click', () => this.toggle());
  }

  /** The frozen frame; null where the picture runs. */
  get frame(): LifetimeFrame | null {
    return this.#frame;
  }

  toggle(): void {
    this.#frame = this.#frame === null ? this.#shown() : null;
    this.#button.setAttribute('aria-pressed', String(this.#frame !== null));
  }
}
