import { part } from './dom.js';
import type { SettingsStore, ViewSettings } from './settings.js';

/** The choices above the scales: what the map shows, and which of the two means. */
export function bindViewControls(settings: SettingsStore): void {
  const modes = radios('mode', (value) => settings.update({ mode: value as ViewSettings['mode'] }));
  const means = radios('mean', (value) => settings.update({ mean: value as ViewSettings['mean'] }));
  const show = (current: ViewSettings): void => {
    for (const radio of modes) radio.checked = radio.value === current.mode;
    for (const radio of means) radio.checked = radio.value === current.mean;
  };
  settings.onChange(show);
  show(settings.current);
}

function radios(name: string, onChoice: (value: string) => void): HTMLInputElement[] {
  const inputs = [...part(name).querySelectorAll<HTMLInputElement>('input[type="radio"]')];
  for (const input of inputs) input.addEventListener('change', () => onChoice(input.value));
  return inputs;
}
