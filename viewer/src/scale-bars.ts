import { level, levelColour, type ColourRanges } from '../../src/colour/colour.js';
import type { FrameDistribution } from './distribution.js';
import { part } from './dom.js';
import { paletteChoice } from './palette-choice.js';
import { palettes } from '../../src/colour/palettes.js';
import { RangeBar } from './range-bar.js';
import { niceStep } from './scale-drawing.js';
import type { SettingsStore } from './settings.js';
import { meanNames } from './wording.js';

/** The two scales: lifetime as hue, photons as brightness. */
export class ScaleBars {
  readonly #settings: SettingsStore;
  readonly #lifetime: RangeBar;
  readonly #photons: RangeBar;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
    this.#lifetime = new RangeBar(part('lifetime-scale'), {
      unit: 'ns',
      middle: paletteChoice(settings),
      unitValue: 1000,
      digits: 2,
      step: () => 50,
      onChange: (lifetimeRange) => settings.update({ lifetimeRange }),
    });
    this.#photons = new RangeBar(part('photon-scale'), {
      unit: 'photons',
      unitValue: 1,
      digits: 0,
      step: (reach) => Math.max(1, niceStep(reach / 200)),
      onChange: (photonRange) => settings.update({ photonRange }),
    });
  }

  show(
    ranges: ColourRanges,
    reach: { lifetime: number; photons: number },
    distribution: FrameDistribution,
  ): void {
    const { mode, mean, palette, lifetimeRange, photonRange } = this.#settings.current;
    const { colours } = palettes[palette];
    this.#lifetime.show({
      title: `${meanNames[mean].name}, ns`,
      automatic: lifetimeRange === null,
      range: ranges.lifetime,
      reach: reach.lifetime,
      histogram: distribution.lifetime,
      heightOf: (weight) => weight,
      colourAt: (tauPs) => levelColour(level(tauPs, ranges.lifetime), 255, colours, 'lifetime'),
      columnColour: null,
      axisUnit: 1000,
      faded: mode === 'intensity',
    });
    this.#photons.show({
      title: 'Intensity, photons per pixel and frame',
      automatic: photonRange === null,
      range: ranges.photons,
      reach: reach.photons,
      histogram: distribution.photons,
      // Most pixels of most pictures are dark; a root keeps the bright ones visible.
      heightOf: Math.cbrt,
      colourAt: (photons) => levelColour(0, level(photons, ranges.photons), colours, 'intensity'),
      columnColour: '#9aa6b2',
      axisUnit: 1,
      faded: mode === 'lifetime',
    });
  }
}
