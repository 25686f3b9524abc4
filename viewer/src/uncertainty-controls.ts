import type { Range } from '../../src/colour/colour.js';
import { part, setText } from './dom.js';
import type { SettingsStore, ViewSettings } from './settings.js';

/** The switch "Uncertainty as saturation" and its range of relative standard errors. */
export class UncertaintyControls {
  readonly #root = part('uncertainty');
  readonly #toggle = part<HTMLInputElement>('uncertainty-toggle');
  readonly #note = part('uncertainty-note');
  readonly #fields: Record<keyof Range, HTMLInputElement> = {
    min: part('error-full'),
    max: part('error-grey'),
  };
  readonly #settings: SettingsStore;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
    this.#toggle.addEventListener('change', () => settings.update({ uncertainty: this.#toggle.checked }));
    for (const end of ['min', 'max'] as const) {
      this.#fields[end].addEventListener('change', () => this.#onField(end));
    }
    settings.onChange((current) => this.#show(current));
    this.#show(settings.current);
  }

  /** Whether the frames have standard errors; null while that is not known. */
  offer(available: boolean | null): void {
    this.#toggle.disabled = available === false;
    setText(this.#note, available === false ? 'This camera sends no standard errors.' : '');
  }

  #show({ uncertainty, errorRange, mode }: ViewSettings): void {
    this.#toggle.checked = uncertainty;
    this.#root.dataset.shown = String(uncertainty && mode !== 'intensity');
    for (const end of ['min', 'max'] as const) this.#fields[end].value = String(errorRange[end]);
  }

  /** Whole per cents, at least one apart; what is no number changes nothing. */
  #onField(end: keyof Range): void {
    const { errorRange } = this.#settings.current;
    const typed = Math.round(this.#fields[end].valueAsNumber);
    const changed = Number.isFinite(typed) ? withEnd(errorRange, end, typed) : errorRange;
    this.#settings.update({ errorRange: changed });
  }
}

/** Moves one end; the other stays where it is. */
export function withEnd({ min, max }: Range, end: keyof Range, value: number): Range {
  return end === 'min'
    ? { min: Math.max(0, Math.min(value, max - 1)), max }
    : { min, max: Math.max(value, min + 1) };
}
