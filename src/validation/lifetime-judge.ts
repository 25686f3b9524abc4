import { type GatePlan, planGates } from '../lifetime/gate-plan.js';
import {
  type LifetimeJob,
  type LifetimeKernel,
  lifetimeMapNames,
  type LifetimeMaps,
} from '../lifetime/lifetime-job.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import { createKernel } from '../lifetime/native.js';
import { ReferenceKernel } from '../lifetime/reference.js';
import type { CameraDescription } from '../protocol/stream.js';

/** The values of one pixel; lifetimes and standard errors in ps, null where the camera does not send them. */
export interface PixelValues {
  meanLifetimeAmplitudePs: number;
  meanLifetimeIntensityPs: number;
  standardErrorAmplitudePs: number | null;
  standardErrorIntensityPs: number | null;
  photons: number;
}

/** A pixel about which two do not agree. */
export interface PixelDifference {
  x: number;
  y: number;
  /** Filled in by who knows: number of the frame in its series, and what kind of frame it was. */
  frame?: number;
  kind?: string;
  camera?: PixelValues;
  host?: PixelValues;
  reference?: PixelValues;
  /** What the host computes from; of the camera too, where that is another one. */
  histogram: number[];
  cameraHistogram?: number[];
}

export interface FrameToJudge {
  /** Photons `[pixel][bin]`. */
  histograms: Uint16Array;
  /** The camera's. */
  device: LifetimeMaps;
  /** One byte a row, 1 = it arrived. */
  rowsValid: Uint8Array;
  minPhotons: number;
  standardErrors: boolean;
  /** Pixels that the reference computes too. */
  sample: readonly number[];
}

export interface Judgement {
  pixels: number;
  /** Pixels with a valid lifetime, by the host. */
  valid: number;
  /** Pixels of which the camera has other values than the host. */
  differing: number;
  first: PixelDifference | null;
  /** Of `sample`, the first pixel of which the host's two implementations have different values: a defect here. */
  hostDiffers: PixelDifference | null;
}

/** The host's copy of the camera's network, twice: the fast kernel, and the reference that it is compared with. */
export class LifetimeJudge {
  readonly plan: GatePlan;
  readonly kernel: LifetimeKernel;
  private readonly reference: ReferenceKernel;
  private readonly width: number;
  private readonly maps: LifetimeMaps;

  /** @throws FlimdError FLIMD_E_MODEL_* where the network does not fit the camera; FLIMD_E_NATIVE_MISSING */
  constructor(
    readonly model: ModelPackage,
    camera: CameraDescription,
  ) {
    this.plan = planGates(model.timing, camera);
    this.kernel = createKernel(model.network, this.plan);
    this.reference = new ReferenceKernel(model.network, this.plan);
    this.width = camera.width;
    this.maps = emptyMaps(camera.width * camera.height);
  }

  /** How long the host takes for a frame with photons everywhere, ms. */
  async frameMs(): Promise<number> {
    const { bins } = this.plan;
    const pixels = this.maps.photons.length;
    const histograms = new Uint16Array(pixels * bins).fill(10);
    const job = this.job(histograms, pixels, 0, this.maps);
    // The first one pays for threads and caches.
    await this.kernel.compute(job);
    const since = performance.now();
    await this.kernel.compute(job);
    return performance.now() - since;
  }

  async judge(frame: FrameToJudge): Promise<Judgement> {
    const { histograms, device, rowsValid, minPhotons, standardErrors, sample } = frame;
    const { maps, width } = this;
    const pixels = maps.photons.length;
    await this.kernel.compute({
      ...this.job(histograms, pixels, minPhotons, maps),
      ...{ rowsValid, width },
    });
    const compared = standardErrors ? lifetimeMapNames : withoutErrors;
    const judgement: Judgement = { pixels: 0, valid: 0, differing: 0, first: null, hostDiffers: null };
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (rowsValid[Math.floor(pixel / width)] !== 1) continue;
      judgement.pixels++;
      if (maps.lifetimeAmplitude[pixel] !== 0) judgement.valid++;
      if (compared.every((name) => device[name][pixel] === maps[name][pixel])) continue;
      judgement.differing++;
      judgement.first ??= {
        ...this.difference(histograms, pixel),
        camera: valuesAt(device, pixel, standardErrors),
      };
    }
    const arrived = sample.filter((pixel) => rowsValid[Math.floor(pixel / width)] === 1);
    judgement.hostDiffers = this.askReference(histograms, minPhotons, arrived);
    return judgement;
  }

  private askReference(
    histograms: Uint16Array,
    minPhotons: number,
    sample: readonly number[],
  ): PixelDifference | null {
    const { bins } = this.plan;
    const sampled = new Uint16Array(sample.length * bins);
    sample.forEach((pixel, i) =>
      sampled.set(histograms.subarray(pixel * bins, (pixel + 1) * bins), i * bins),
    );
    const maps = emptyMaps(sample.length);
    this.reference.computeSync(this.job(sampled, sample.length, minPhotons, maps));
    const at = sample.findIndex((pixel, i) =>
      lifetimeMapNames.some((name) => maps[name][i] !== this.maps[name][pixel]),
    );
    if (at < 0) return null;
    return { ...this.difference(histograms, sample[at]!), reference: valuesAt(maps, at, true) };
  }

  private difference(histograms: Uint16Array, pixel: number): PixelDifference {
    const { bins } = this.plan;
    return {
      x: pixel % this.width,
      y: Math.floor(pixel / this.width),
      host: valuesAt(this.maps, pixel, true),
      histogram: [...histograms.subarray(pixel * bins, (pixel + 1) * bins)],
    };
  }

  private job(histograms: Uint16Array, pixels: number, minPhotons: number, maps: LifetimeMaps): LifetimeJob {
    return { histograms, pixels, bins: this.plan.bins, minPhotons, ...maps };
  }
}

const withoutErrors = lifetimeMapNames.filter((name) => !name.startsWith('standardError'));

const emptyMaps = (pixels: number): LifetimeMaps => ({
  lifetimeAmplitude: new Uint16Array(pixels),
  lifetimeIntensity: new Uint16Array(pixels),
  standardErrorAmplitude: new Uint16Array(pixels),
  standardErrorIntensity: new Uint16Array(pixels),
  photons: new Uint32Array(pixels),
});

function valuesAt(maps: LifetimeMaps, pixel: number, standardErrors: boolean): PixelValues {
  return {
    meanLifetimeAmplitudePs: maps.lifetimeAmplitude[pixel]!,
    meanLifetimeIntensityPs: maps.lifetimeIntensity[pixel]!,
    standardErrorAmplitudePs: standardErrors ? maps.standardErrorAmplitude[pixel]! : null,
    standardErrorIntensityPs: standardErrors ? maps.standardErrorIntensity[pixel]! : null,
    photons: maps.photons[pixel]!,
  };
}

/** A difference in words. */
export function differenceInWords({ x, y, camera, host, reference }: PixelDifference): string {
  const sides = [
    ...(camera ? [`camera ${inWords(camera)}`] : []),
    ...(host ? [`host ${inWords(host)}`] : []),
    ...(reference ? [`reference ${inWords(reference)}`] : []),
  ];
  return [`pixel x ${x}, y ${y}`, ...(sides.length > 0 ? [sides.join('; ')] : [])].join(': ');
}

function inWords(values: PixelValues): string {
  const errors =
    values.standardErrorAmplitudePs === null
      ? ''
      : ` ± ${values.standardErrorAmplitudePs}/${values.standardErrorIntensityPs}`;
  return (
    `τ amp/int ${values.meanLifetimeAmplitudePs}/${values.meanLifetimeIntensityPs}${errors} ps, ` +
    `${values.photons} photons`
  );
}
