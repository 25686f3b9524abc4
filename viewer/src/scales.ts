import type { ColourRanges, Range } from '../../src/colour/colour.js';
import {
  autoLifetimeRange,
  autoPhotonRange,
  quantile,
  roundUp,
  settle,
  type FrameDistribution,
} from './distribution.js';
import type { ViewSettings } from './settings.js';

/** Shown where no frame says better. */
const FALLBACK: Omit<ColourRanges, 'error'> = {
  lifetime: { min: 500, max: 4000 },
  photons: { min: 0, max: 100 },
};

/** The colour ranges in force and what the two scales reach over: manual where set, else steady automatic ones. */
export class Scales {
  #auto: { lifetime: Range | null; photons: Range | null } = { lifetime: null, photons: null };
  #reach: { lifetime: number; photons: number } = { lifetime: 5000, photons: 100 };

  /** A new series, or another mean, starts afresh. */
  reset(): void {
    this.#auto = { lifetime: null, photons: null };
  }

  /** @param longestPs the longest lifetime the model was trained for; null where no model is known */
  follow(distribution: FrameDistribution, longestPs: number | null): void {
    const lifetime = autoLifetimeRange(distribution);
    const photons = autoPhotonRange(distribution);
    if (lifetime !== null) this.#auto.lifetime = settle(this.#auto.lifetime, lifetime);
    if (photons !== null) this.#auto.photons = settle(this.#auto.photons, photons);
    this.#reach.lifetime = longestPs ?? roundUp(1.2 * (quantile(distribution.lifetime, 0.999) ?? 5000));
    const high = 1.3 * (this.#auto.photons?.max ?? 100);
    // Wider at once, narrower only by half: a scale that breathes cannot be read.
    if (high > this.#reach.photons || high < this.#reach.photons / 2) this.#reach.photons = roundUp(high);
  }

  ranges(settings: ViewSettings): ColourRanges {
    return {
      lifetime: settings.lifetimeRange ?? this.#auto.lifetime ?? FALLBACK.lifetime,
      photons: settings.photonRange ?? this.#auto.photons ?? FALLBACK.photons,
      error: settings.uncertainty ? settings.errorRange : null,
    };
  }

  /** From 0 to these, ps and photons; at least as far as the ranges. */
  reach({ lifetime, photons }: ColourRanges): { lifetime: number; photons: number } {
    return {
      lifetime: Math.max(this.#reach.lifetime, lifetime.max),
      photons: Math.max(this.#reach.photons, photons.max),
    };
  }
}
