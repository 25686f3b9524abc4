import { describe, expect, it } from 'vitest';
import {
  defaultSettings,
  readSettings,
  writeSettings,
  type ViewSettings,
} from '../../viewer/src/settings.js';

const through = (settings: ViewSettings): ViewSettings =>
  readSettings(writeSettings(settings, new URLSearchParams()));

describe('settings in the page address', () => {
  it('come back as they were', () => {
    const settings: ViewSettings = {
      mode: 'lifetime',
      mean: 'amplitude',
      palette: 'cividis',
      lifetimeRange: { min: 750, max: 2500 },
      photonRange: { min: 0, max: 400 },
      uncertainty: true,
      errorRange: { min: 2, max: 50 },
      decayScale: 'lin',
      decaySum: false,
      region: 9,
    };
    expect(through(settings)).toEqual(settings);
  });

  it('leave the address bare where all is as it is by default', () => {
    expect(writeSettings(defaultSettings, new URLSearchParams()).toString()).toBe('');
    expect(readSettings(new URLSearchParams())).toEqual(defaultSettings);
  });

  it('keep the range of the standard error also while it is not shown', () => {
    const settings = { ...defaultSettings, errorRange: { min: 0, max: 12 } };
    expect(writeSettings(settings, new URLSearchParams()).toString()).toBe('error=0-12');
    expect(through(settings)).toEqual(settings);
  });

  it('leave other parameters alone', () => {
    const query = writeSettings({ ...defaultSettings, palette: 'grey' }, new URLSearchParams('token=abc'));
    expect(query.toString()).toBe('token=abc&palette=grey');
  });

  it.each([
    'palette=plaid',
    'view=',
    'tau=3500-500',
    'tau=a-b',
    'tau=1-2-3',
    'photons=-5',
    'mean=both',
    'error=30-5',
    'uncertainty=yes',
    'region=4',
  ])('fall back to the default for %s', (query) => {
    expect(readSettings(new URLSearchParams(query))).toEqual(defaultSettings);
  });
});
