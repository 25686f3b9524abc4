import { FlimdError } from '../../src/protocol/index.js';
import type { LifetimeFrame, PlaneArray } from '../../src/client/index.js';
import type { DisplayMode } from '../../src/colour/colour.js';
import type { MapFrame } from './raster.js';
import type { MeanName } from './settings.js';
import { meanNames, PHOTONS_PLANE } from './wording.js';

/** The planes of a frame that the map shows, for one of the two means. */
export function mapFrame(frame: LifetimeFrame, mean: MeanName): MapFrame {
  const lifetime = plane(frame, meanNames[mean].plane, Uint16Array);
  const photons = plane(frame, PHOTONS_PLANE, Uint32Array);
  const error = hasErrors(frame) ? plane(frame, meanNames[mean].errorPlane, Uint16Array) : null;
  const { width, height, rowsValid } = frame;
  return { width, height, lifetime, error, photons, rowsValid };
}

/** Whether the series has standard errors. */
export const hasErrors = ({ planes }: LifetimeFrame): boolean => meanNames.intensity.errorPlane in planes;

/** Whether saturation can show them: the intensity view has no hue to fade. */
export const showsErrors = (frame: LifetimeFrame, mode: DisplayMode): boolean =>
  mode !== 'intensity' && hasErrors(frame);

function plane<T extends PlaneArray>(frame: LifetimeFrame, name: string, type: new () => T): T {
  const values = frame.planes[name];
  if (values instanceof type) return values;
  throw new FlimdError('FLIMD_E_REQUEST', `frame ${frame.frame} has no plane ${name} of the right type`, {
    value: Object.keys(frame.planes),
    expected: `${name} as ${type.name}`,
    action: 'viewer and daemon are of different versions: reload the page',
  });
}

/** Ps; 0 = no valid estimate. */
export interface LifetimeReading {
  tauPs: number;
  /** Standard error; null where the series has none. */
  errorPs: number | null;
}

export interface PixelReading extends Record<MeanName, LifetimeReading> {
  /** A row that is missing from a partial frame has no values at all. */
  missing: boolean;
  photons: number;
}

export function readPixel(frame: LifetimeFrame, { x, y }: { x: number; y: number }): PixelReading {
  const at = y * frame.width + x;
  const reading = ({ lifetime, error }: MapFrame): LifetimeReading => ({
    tauPs: lifetime[at],
    errorPs: error === null ? null : error[at],
  });
  const intensity = mapFrame(frame, 'intensity');
  return {
    missing: frame.rowsValid !== null && frame.rowsValid[y] === 0,
    intensity: reading(intensity),
    amplitude: reading(mapFrame(frame, 'amplitude')),
    photons: intensity.photons[at],
  };
}
