import type { DaemonStatus } from '../../src/protocol/index.js';

/** What each sticky error of a camera means to who looks at the map. */
const meanings: Readonly<Record<string, string>> = {
  eventsLost: 'photons were lost inside the camera: lower the count rate',
  binSaturated: 'a bin was full: shorten the frame or lower the light',
  injectionShort: 'an injected frame was too short: its end was taken as dark',
  injectionLong: 'an injected frame was too long: its end was left out',
  coreMismatch: 'the lifetime core is out of step: stop, and reset the camera',
  eventOutside: 'photons came with a position outside the image or the time window',
};

/** For the readout: short text and the whole story. */
export function cameraErrors(diagnostics: DaemonStatus['diagnostics']): { text: string; advice: string } {
  if (!diagnostics) return { text: '–', advice: 'This camera does not tell what goes wrong inside it.' };
  const { errors, eventsDropped, eventsSaturated } = diagnostics;
  if (errors.length === 0)
    return { text: 'none', advice: 'Nothing went wrong inside the camera in this series.' };
  const story = errors.map((name) => `${name}: ${meanings[name] ?? 'not known to this viewer'}`);
  return {
    text: errors.length === 1 ? errors[0]! : `${errors.length} kinds`,
    advice: [...story, `Photons lost ${eventsDropped}, in full bins ${eventsSaturated}.`].join('\n'),
  };
}
