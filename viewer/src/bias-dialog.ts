import { part, setText } from './dom.js';
import type { BiasDirection } from './slow-control-words.js';

const words = {
  up: { title: 'Bring the bias up?', confirm: '▲ Bias up' },
  down: { title: 'Take the bias down?', confirm: '▼ Bias down' },
} as const;

/** Asks before the bias moves, and says which way. */
export class BiasDialog {
  readonly #dialog = part<HTMLDialogElement>('bias-dialog');
  readonly #title = part('bias-dialog-title');
  readonly #text = part('bias-dialog-text');
  readonly #confirm = part<HTMLButtonElement>('bias-dialog-confirm');
  readonly #cancel = part<HTMLButtonElement>('bias-dialog-cancel');
  #confirmed: () => void = () => {};

  constructor() {
    this.#confirm.addEventListener('click', () => this.#close(true));
    this.#cancel.addEventListener('click', () => this.#close(false));
  }

  ask(direction: BiasDirection, text: string, confirmed: () => void): void {
    const { title, confirm } = words[direction];
    setText(this.#title, title);
    setText(this.#text, text);
    setText(this.#confirm, confirm);
    this.#dialog.dataset.direction = direction;
    this.#confirmed = confirmed;
    this.#dialog.showModal();
    // One key is enough on the way to safety, and not enough on the other.
    (direction === 'down' ? this.#confirm : this.#cancel).focus();
  }

  #close(confirmed: boolean): void {
    this.#dialog.close();
    if (confirmed) this.#confirmed();
  }
}
