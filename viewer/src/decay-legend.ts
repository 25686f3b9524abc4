import type { Decay } from '../../src/client/index.js';
import { part, setText } from './dom.js';
import { grouped } from './wording.js';

/** What the lines of the decay chart are, and why the deconvolved one is missing where it is. */
export class DecayLegend {
  readonly #root = part('decay-legend');
  readonly #deconvolved = part('decay-deconvolved');

  show(decay: Pick<Decay, 'deconvolved' | 'deconvolvedReason'> | null): void {
    this.#root.dataset.shown = String(decay !== null);
    if (decay === null) return;
    const { deconvolved, deconvolvedReason } = decay;
    this.#deconvolved.dataset.drawn = String(deconvolved !== null);
    const text =
      deconvolved === null
        ? `Not deconvolved: ${deconvolvedReason ?? 'not yet'}`
        : `Deconvolved, ${grouped(deconvolved.photons)} photons`;
    setText(this.#deconvolved, text);
    // There is room for one line: the whole reason is under the mouse.
    this.#deconvolved.title = text;
  }
}
