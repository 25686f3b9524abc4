import type { LifetimeFrame } from '../../src/client/index.js';
import type { ColourRanges } from '../../src/colour/colour.js';
import type { ViewSettings } from './settings.js';
import { showsErrors } from './shown-frame.js';

/**
 * Writes what is on the canvas to the data attributes of the page, for tests and scripts: which frame,
 * and all that `colour.ts` needs to get from a colour back to a lifetime.
 */
export function publishPictureFacts(
  frame: LifetimeFrame | null,
  { lifetime, photons, error }: ColourRanges,
  { mode, mean, palette }: ViewSettings,
): void {
  const faded = error !== null && frame !== null && showsErrors(frame, mode);
  Object.assign(document.documentElement.dataset, {
    series: frame?.series ?? '',
    uid: frame?.uid ?? '',
    frame: frame?.frame ?? '',
    lifetimeMin: lifetime.min,
    lifetimeMax: lifetime.max,
    photonsMin: photons.min,
    photonsMax: photons.max,
    errorMin: faded ? error.min : '',
    errorMax: faded ? error.max : '',
    mode,
    mean,
    palette,
  });
}
