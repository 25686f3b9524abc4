import type { FlimdClient } from '../../src/client/index.js';
import { errorBody, type SlowControlStatus } from '../../src/protocol/index.js';
import { part, setText } from './dom.js';
import { limitWords, type Setpoint, setpointChanges, setpoints, typed } from './setpoints.js';

/** The set-points, to be changed within the limits of the camera; what is refused stays here, with the reason. */
export class SetpointDialog {
  readonly #dialog = part<HTMLDialogElement>('setpoint-dialog');
  readonly #form = part<HTMLFormElement>('setpoint-form');
  readonly #error = part('setpoint-error');
  readonly #apply = part<HTMLButtonElement>('setpoint-apply');
  readonly #fields: { setpoint: Setpoint; input: HTMLInputElement; hint: HTMLElement }[];
  #status: SlowControlStatus | null = null;

  constructor(
    private readonly client: Pick<FlimdClient, 'setSetpoints'>,
    private readonly changed: (status: SlowControlStatus) => void,
  ) {
    this.#fields = setpoints.map((setpoint) => this.#addField(setpoint));
    part('setpoint-cancel').addEventListener('click', () => this.#dialog.close());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  open(status: SlowControlStatus): void {
    this.#status = status;
    for (const { setpoint, input, hint } of this.#fields) {
      const limits = status.limits?.[setpoint.name];
      input.value = typed(status.values?.[setpoint.name] ?? NaN, setpoint);
      input.removeAttribute('aria-invalid');
      setText(hint, limits ? limitWords(limits, setpoint) : setpoint.unit);
    }
    this.#complain('');
    this.#dialog.showModal();
    this.#fields[0]!.input.select();
  }

  #addField(setpoint: Setpoint): { setpoint: Setpoint; input: HTMLInputElement; hint: HTMLElement } {
    const label = document.createElement('label');
    const name = document.createElement('span');
    const input = document.createElement('input');
    const hint = document.createElement('small');
    setText(name, setpoint.label);
    hint.id = `limits-${setpoint.name}`;
    input.inputMode = 'decimal';
    input.autocomplete = 'off';
    input.dataset.testid = `setpoint-${setpoint.name}`;
    input.setAttribute('aria-describedby', hint.id);
    input.setAttribute('aria-label', `${setpoint.label}, ${setpoint.unit}`);
    label.append(name, input, hint);
    part('setpoint-fields').append(label);
    return { setpoint, input, hint };
  }

  async #submit(): Promise<void> {
    const texts = Object.fromEntries(this.#fields.map(({ setpoint, input }) => [setpoint.name, input.value]));
    const { change, wrong } = setpointChanges(texts, this.#status!);
    for (const { setpoint, input } of this.#fields) {
      input.setAttribute('aria-invalid', String(wrong.includes(setpoint.name)));
    }
    if (wrong.length > 0) return this.#outside(wrong);
    if (Object.keys(change).length === 0) return this.#dialog.close();
    this.#apply.disabled = true;
    try {
      this.changed(await this.client.setSetpoints(change));
      this.#dialog.close();
    } catch (error) {
      const { message, action } = errorBody(error);
      this.#complain([message, action].filter(Boolean).join('. '));
    } finally {
      this.#apply.disabled = false;
    }
  }

  #outside(wrong: readonly string[]): void {
    const fields = this.#fields.filter(({ setpoint }) => wrong.includes(setpoint.name));
    const each = fields.map(({ setpoint, hint }) => `${setpoint.label}: ${hint.textContent}, please.`);
    this.#complain(each.join(' '));
    fields[0]!.input.focus();
  }

  #complain(text: string): void {
    setText(this.#error, text);
  }
}
