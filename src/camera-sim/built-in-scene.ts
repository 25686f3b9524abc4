import { FlimdError } from '../protocol/index.js';
import type { SimOptions } from './options.js';
import { CellScene } from './scene/cell-scene.js';
import { SceneSource } from './scene/scene-source.js';
import { type TruthMaps, truthOfScene } from './scene/truth-maps.js';

const LASER_PERIOD_PS = 12_500;
const PHOTONS = 500;
/** Scene time between frames where the frame rate is "as fast as it can". */
const UNPACED_FPS = 30;

const framePeriodS = (options: SimOptions): number => 1 / (options.fps || UNPACED_FPS);

/** The built-in cells under the light and the detector of the options. FLIMD_E_CONFIG where these contradict. */
export function createSceneSource(options: SimOptions): SceneSource {
  const laserPeriodPs = options.laserPeriodPs ?? LASER_PERIOD_PS;
  const binWidthPs = options.binWidthPs ?? laserPeriodPs / options.bins;
  const windowPs = options.bins * binWidthPs;
  // Registers hold femtoseconds: a window may exceed the period by the rounding of its bins.
  if (windowPs > laserPeriodPs * 1.0001) {
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      'virtual camera: the detector window is longer than the laser period',
      {
        value: `${options.bins} bins × ${binWidthPs} ps = ${windowPs} ps`,
        expected: `at most ${laserPeriodPs} ps`,
        action: 'lower bins or binWidthPs, or raise laserPeriodPs',
      },
    );
  }
  if (options.irfCentrePs >= laserPeriodPs) {
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      'virtual camera: the instrument response lies outside the laser period',
      {
        value: options.irfCentrePs,
        expected: `irfCentrePs below ${laserPeriodPs}`,
      },
    );
  }
  return new SceneSource(new CellScene(options.width, options.height, options.seed), {
    seed: options.seed,
    timing: {
      bins: options.bins,
      binWidthPs,
      laserPeriodPs,
      irfCentrePs: options.irfCentrePs,
      irfFwhmPs: options.irfFwhmPs,
    },
    photons: options.photons ?? PHOTONS,
    background: options.background,
    darkCounts: options.darkCounts,
    framePeriodS: framePeriodS(options),
  });
}

/** The true lifetimes of the built-in scene at a frame number. */
export function truthMaps(options: SimOptions, frame: number): TruthMaps {
  const scene = new CellScene(options.width, options.height, options.seed);
  const content = options.cacheFrames > 0 ? frame % options.cacheFrames : frame;
  const signal = (options.photons ?? PHOTONS) * (1 - options.background);
  return truthOfScene(scene, content * framePeriodS(options), signal);
}
