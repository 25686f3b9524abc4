import { palettes, type PaletteName } from '../../src/colour/palettes.js';
import type { SettingsStore } from './settings.js';

/** The drop-down list of palettes. */
export function paletteChoice(settings: SettingsStore): HTMLSelectElement {
  const choice = document.createElement('select');
  choice.dataset.testid = 'palette';
  choice.ariaLabel = 'Palette';
  for (const [name, { label, note }] of Object.entries(palettes)) {
    const option = new Option(label, name);
    option.title = note;
    choice.add(option);
  }
  choice.addEventListener('change', () => settings.update({ palette: choice.value as PaletteName }));
  const show = (): void => {
    const { palette } = settings.current;
    choice.value = palette;
    choice.title = palettes[palette].note;
  };
  settings.onChange(show);
  show();
  return choice;
}
