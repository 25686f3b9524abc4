import type { DisplayMode, Range } from '../../src/colour/colour.js';
import { type RegionSide, regionSides } from './region.js';
import { palettes, type PaletteName } from '../../src/colour/palettes.js';

/** Which of the two mean lifetimes is shown: they are different numbers (docs/protocol.md). */
export type MeanName = 'intensity' | 'amplitude';
export type DecayScale = 'log' | 'lin';

export interface ViewSettings {
  mode: DisplayMode;
  mean: MeanName;
  palette: PaletteName;
  /** Ps; null = automatic. */
  lifetimeRange: Range | null;
  /** Photons per pixel and frame; null = automatic. */
  photonRange: Range | null;
  /** Show the relative standard error of the lifetime as saturation. */
  uncertainty: boolean;
  /** Relative standard error, %: full colour up to `min`, grey from `max` on. */
  errorRange: Range;
  decayScale: DecayScale;
  /** Show the sum of the picked pixel's decays instead of one frame's. */
  decaySum: boolean;
  /** Side of the square about the picked pixel whose decay is shown, pixels. */
  region: RegionSide;
}

/** The intensity-weighted mean depends less on where the IRF lies, so it is shown first. */
export const defaultSettings: ViewSettings = {
  mode: 'both',
  mean: 'intensity',
  palette: 'isoluminant',
  lifetimeRange: null,
  photonRange: null,
  uncertainty: false,
  errorRange: { min: 5, max: 30 },
  decayScale: 'log',
  decaySum: true,
  region: 1,
};

/** Settings from a page address; what is missing or not understood has its default. */
export function readSettings(query: URLSearchParams): ViewSettings {
  return {
    mode: word(query.get('view'), ['both', 'lifetime', 'intensity'], defaultSettings.mode),
    mean: word(query.get('mean'), ['intensity', 'amplitude'], defaultSettings.mean),
    palette: word(query.get('palette'), Object.keys(palettes) as PaletteName[], defaultSettings.palette),
    lifetimeRange: readRange(query.get('tau')),
    photonRange: readRange(query.get('photons')),
    uncertainty: query.get('uncertainty') === 'on',
    errorRange: readRange(query.get('error')) ?? defaultSettings.errorRange,
    decayScale: word(query.get('decay'), ['log', 'lin'], defaultSettings.decayScale),
    decaySum: query.get('decays') !== 'frame',
    region: regionSides.find((side) => String(side) === query.get('region')) ?? defaultSettings.region,
  };
}

/** Writes what differs from the defaults into a copy of the query; other parameters stay. */
export function writeSettings(settings: ViewSettings, query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams(query);
  const set = (name: string, value: string | null): void =>
    value === null ? result.delete(name) : result.set(name, value);
  const unlessDefault = <Key extends 'mode' | 'mean' | 'palette' | 'decayScale'>(key: Key): string | null =>
    settings[key] === defaultSettings[key] ? null : settings[key];
  set('view', unlessDefault('mode'));
  set('mean', unlessDefault('mean'));
  set('palette', unlessDefault('palette'));
  set('tau', rangeText(settings.lifetimeRange));
  set('photons', rangeText(settings.photonRange));
  set('uncertainty', settings.uncertainty ? 'on' : null);
  const errorRange = rangeText(settings.errorRange);
  set('error', errorRange === rangeText(defaultSettings.errorRange) ? null : errorRange);
  set('decay', unlessDefault('decayScale'));
  set('decays', settings.decaySum ? null : 'frame');
  set('region', settings.region === defaultSettings.region ? null : String(settings.region));
  return result;
}

function word<T extends string>(value: string | null, words: readonly T[], fallback: T): T {
  return words.includes(value as T) ? (value as T) : fallback;
}

/** `500-3500` */
function readRange(value: string | null): Range | null {
  const [, min, max] = value?.match(/^(\d+)-(\d+)$/) ?? [];
  const range = { min: Number(min), max: Number(max) };
  return range.max > range.min ? range : null;
}

const rangeText = (range: Range | null): string | null =>
  range === null ? null : `${Math.round(range.min)}-${Math.round(range.max)}`;

/** The settings in force, kept in the page address so that a view can be shared and reloaded. */
export class SettingsStore {
  #settings: ViewSettings;
  readonly #listeners: ((settings: ViewSettings) => void)[] = [];

  constructor() {
    this.#settings = readSettings(new URLSearchParams(location.search));
  }

  get current(): ViewSettings {
    return this.#settings;
  }

  update(change: Partial<ViewSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    const query = writeSettings(this.#settings, new URLSearchParams(location.search)).toString();
    history.replaceState(null, '', query === '' ? location.pathname : `?${query}`);
    for (const listener of this.#listeners) listener(this.#settings);
  }

  onChange(listener: (settings: ViewSettings) => void): void {
    this.#listeners.push(listener);
  }
}
