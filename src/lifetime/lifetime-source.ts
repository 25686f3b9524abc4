import { FlimdError } from '../protocol/errors.js';
import type { CameraDescription, LifetimeMode, LifetimeSourceName } from '../protocol/stream.js';
import type { LifetimeKernel, LifetimeMaps } from './lifetime-job.js';
import { shortHash } from './model-library.js';
import type { ModelPackage } from './model-package.js';

/** The planes of one frame, as a frame buffer holds them. */
export interface FramePlanes {
  /** Sent by the camera; its standard errors are nothing where it does not send them. */
  device: LifetimeMaps;
  /** Room for the host's own. */
  host: LifetimeMaps;
  /** Photons `[y][x][bin]`. */
  histograms: Uint16Array;
  /** One byte a row, 1 = the row arrived. */
  rowsValid: Uint8Array;
}

export interface FrameSize {
  width: number;
  height: number;
  bins: number;
}

export interface FrameLifetimes {
  planes: LifetimeMaps;
  /** Pixels of valid rows in which device and host differ; null where only one of them computed. */
  mismatchedPixels: number | null;
}

/** Where the lifetimes of a frame come from. */
export interface LifetimeSource {
  lifetimesOf(frame: FramePlanes, size: FrameSize): Promise<FrameLifetimes>;
}

/** The camera computed them. */
export class DeviceLifetimes implements LifetimeSource {
  async lifetimesOf({ device }: FramePlanes): Promise<FrameLifetimes> {
    return { planes: device, mismatchedPixels: null };
  }
}

export interface HostOptions {
  kernel: LifetimeKernel;
  /** Pixels with fewer photons are invalid. */
  minPhotons: number;
  /** 0 = one per processor. */
  threads: number;
}

/** The host computes them from the histograms. */
export class HostLifetimes implements LifetimeSource {
  constructor(private readonly options: HostOptions) {}

  async lifetimesOf(frame: FramePlanes, { width, height, bins }: FrameSize): Promise<FrameLifetimes> {
    const { kernel, minPhotons, threads } = this.options;
    const { histograms, host, rowsValid } = frame;
    const job = { histograms, pixels: width * height, bins, minPhotons, rowsValid, width, ...host };
    await kernel.compute(job, threads || undefined);
    return { planes: host, mismatchedPixels: null };
  }
}

/** Both compute, and every pixel is compared; the device's lifetimes are the ones handed on. */
export class ShadowLifetimes implements LifetimeSource {
  private readonly host: HostLifetimes;

  /** `standardErrors`: the device sends them, so they are compared too. */
  constructor(
    options: HostOptions,
    private readonly standardErrors: boolean,
  ) {
    this.host = new HostLifetimes(options);
  }

  async lifetimesOf(frame: FramePlanes, size: FrameSize): Promise<FrameLifetimes> {
    await this.host.lifetimesOf(frame, size);
    const { device, host, rowsValid } = frame;
    const differ = this.standardErrors
      ? (pixel: number) => lifetimesDiffer(pixel, device, host) || errorsDiffer(pixel, device, host)
      : (pixel: number) => lifetimesDiffer(pixel, device, host);
    let mismatchedPixels = 0;
    for (let row = 0; row < rowsValid.length; row++) {
      if (!rowsValid[row]) continue;
      for (let pixel = row * size.width; pixel < (row + 1) * size.width; pixel++) {
        if (differ(pixel)) mismatchedPixels++;
      }
    }
    return { planes: device, mismatchedPixels };
  }
}

function lifetimesDiffer(pixel: number, a: LifetimeMaps, b: LifetimeMaps): boolean {
  return (
    a.lifetimeAmplitude[pixel] !== b.lifetimeAmplitude[pixel] ||
    a.lifetimeIntensity[pixel] !== b.lifetimeIntensity[pixel] ||
    a.photons[pixel] !== b.photons[pixel]
  );
}

function errorsDiffer(pixel: number, a: LifetimeMaps, b: LifetimeMaps): boolean {
  return (
    a.standardErrorAmplitude[pixel] !== b.standardErrorAmplitude[pixel] ||
    a.standardErrorIntensity[pixel] !== b.standardErrorIntensity[pixel]
  );
}

export interface SourceChoice {
  source: LifetimeSourceName;
  /** Why it is not the one asked for, in words; null where it is. */
  reason: string | null;
  needsDeviceLifetimes: boolean;
  /** The host computes, and so needs histograms. */
  needsHost: boolean;
}

type CameraAbilities = Pick<CameraDescription, 'outputs' | 'modelHash'>;

/**
 * Who computes the lifetimes. Where the camera was asked to and cannot, the host does it by itself.
 * @throws FlimdError FLIMD_E_CAPABILITY where neither can, FLIMD_E_MODEL_HASH where a comparison has no meaning
 */
export function selectSource(
  mode: LifetimeMode,
  camera: CameraAbilities,
  model: ModelPackage | null,
): SourceChoice {
  if (mode === 'shadow') return shadow(camera, model);
  if (mode === 'host') return host(camera, null);
  if (camera.outputs.includes('lifetimes')) {
    return { source: 'device', reason: null, needsDeviceLifetimes: true, needsHost: false };
  }
  return host(camera, 'the camera has no network: it sends histograms only');
}

function host(camera: CameraAbilities, reason: string | null): SourceChoice {
  demand(camera, 'histograms', 'let the camera compute: --lifetime device');
  return { source: 'host', reason, needsDeviceLifetimes: false, needsHost: true };
}

function shadow(camera: CameraAbilities, model: ModelPackage | null): SourceChoice {
  demand(camera, 'lifetimes', 'let the host compute alone: --lifetime host');
  demand(camera, 'histograms', 'let the camera compute alone: --lifetime device');
  const hostHash = model && shortHash(model);
  if (hostHash !== camera.modelHash) {
    throw new FlimdError(
      'FLIMD_E_MODEL_HASH',
      'camera and host have different models, so every pixel would differ',
      {
        value: hostHash,
        expected: camera.modelHash ?? 'a camera that tells the hash of its model',
        action: 'choose the model of the bitstream with --model, or load the bitstream of this model',
      },
    );
  }
  return { source: 'device', reason: null, needsDeviceLifetimes: true, needsHost: true };
}

function demand(camera: CameraAbilities, output: 'lifetimes' | 'histograms', action: string): void {
  if (camera.outputs.includes(output)) return;
  throw new FlimdError('FLIMD_E_CAPABILITY', `this camera cannot send ${output}`, {
    value: camera.outputs.join(', '),
    expected: output,
    action,
  });
}
