import type { ErrorBody } from '../../src/protocol/index.js';
import { part } from './dom.js';

/** Older notices make room. */
const MOST = 3;

/** Errors over the foot of the map: code, what was wrong, what was expected, what to do. */
export class Notices {
  readonly #root = part('notices');
  readonly #followed = new Map<string, string>();

  show({ code, message, value, expected, action }: ErrorBody): void {
    // The same error again replaces itself instead of piling up.
    this.#root.querySelector(`[data-code="${CSS.escape(code)}"]`)?.remove();
    while (this.#root.childElementCount >= MOST) this.#root.firstElementChild?.remove();
    const notice = document.createElement('article');
    notice.className = 'notice';
    notice.dataset.code = code;
    notice.append(line('strong', message), line('code', code));
    if (value !== undefined && value !== null) notice.append(line('p', `Was: ${brief(value)}`));
    if (expected !== undefined) notice.append(line('p', `Expected: ${expected}`));
    if (action !== undefined) notice.append(line('p', `Do: ${action}`));
    const dismiss = line('button', '×') as HTMLButtonElement;
    dismiss.type = 'button';
    dismiss.ariaLabel = 'Dismiss';
    dismiss.addEventListener('click', () => notice.remove());
    notice.append(dismiss);
    this.#root.append(notice);
  }

  /** Shows the error of a state once, however often the state is told. @param of whose state: each is followed by itself */
  follow(of: 'run' | 'recording', error: ErrorBody | null): void {
    const text = JSON.stringify(error);
    if (text === (this.#followed.get(of) ?? 'null')) return;
    this.#followed.set(of, text);
    if (error !== null) this.show(error);
  }

  clear(): void {
    this.#root.replaceChildren();
  }
}

function line(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
