import { FlimdError } from '../../src/protocol/index.js';
import type { LifetimeFrame, PlaneArray } from '../../src/client/index.js';
import type { MapFrame } from './raster.js';
import type { MeanName } from './settings.js';
import { meanNames, PHOTONS_PLANE } from './wording.js';

/** The planes of a frame that the map shows, for one of the two means. */
export function mapFrame(frame: LifetimeFrame, mean: MeanName): MapFrame {
  const lifetime = plane(frame, meanNames[mean].plane, Uint16Array);
  const photons = plane(frame, PHOTONS_PLANE, Uint32Array);
  return { width: frame.width, height: frame.height, lifetime, photons, rowsValid: frame.rowsValid };
}

function plane<T extends PlaneArray>(frame: LifetimeFrame, name: string, type: new () => T): T {
  const values = frame.planes[name];
  if (values instanceof type) return values;
  throw new FlimdError('FLIMD_E_REQUEST', `frame ${frame.frame} has no plane ${name} of the right type`, {
    value: Object.keys(frame.planes),
    expected: `${name} as ${type.name}`,
    action: 'viewer and daemon are of different versions: reload the page',
  });
}

export interface PixelReading {
  /** A row that is missing from a partial frame has no values at all. */
  missing: boolean;
  /** Ps; 0 = no valid estimate. */
  intensityPs: number;
  amplitudePs: number;
  photons: number;
}

export function readPixel(frame: LifetimeFrame, { x, y }: { x: number; y: number }): PixelReading {
  const at = y * frame.width + x;
  return {
    missing: frame.rowsValid !== null && frame.rowsValid[y] === 0,
    intensityPs: mapFrame(frame, 'intensity').lifetime[at],
    amplitudePs: mapFrame(frame, 'amplitude').lifetime[at],
    photons: mapFrame(frame, 'intensity').photons[at],
  };
}
