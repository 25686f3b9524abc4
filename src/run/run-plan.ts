import type { Config } from '../config/index.js';
import { histogramDeconvolver } from '../lifetime/deconvolve.js';
import { planGates } from '../lifetime/gate-plan.js';
import type { LifetimeKernel } from '../lifetime/lifetime-job.js';
import {
  DeviceLifetimes,
  HostLifetimes,
  type HostOptions,
  type LifetimeSource,
  selectSource,
  ShadowLifetimes,
  type SourceChoice,
} from '../lifetime/lifetime-source.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import { createKernel } from '../lifetime/native.js';
import { FlimdError } from '../protocol/errors.js';
import { DeviceOutput } from '../protocol/registers.js';
import {
  type CameraDescription,
  defaultStreamPlanes,
  type ModelDescription,
  type StreamPlaneDescription,
  streamPlanes,
} from '../protocol/stream.js';
import { psFromFs } from '../protocol/units.js';
import type { ArmOptions } from '../server/index.js';
import type { Deconvolver } from '../stream/index.js';
import { fittingModel, loadNamedModel, shortHash } from '../lifetime/model-library.js';
import type { SeriesFacts } from './series.js';

/** Everything that is decided about a run before the camera is armed. */
export interface RunPlan {
  facts: SeriesFacts;
  source: LifetimeSource;
  kernel: LifetimeKernel | null;
  /** For decays that clients watch; null where `facts.deconvolvedReason` says why not. */
  deconvolve: Deconvolver | null;
  /** Pixels with fewer photons are invalid; 0 = as the camera's own network says. */
  minPhotons: number;
  /** What the camera is asked to send. */
  expect: { lifetimes: boolean; standardErrors: boolean; histograms: boolean };
}

/** Register value for what the camera is asked to send. */
export const outputMask = ({ lifetimes, standardErrors, histograms }: RunPlan['expect']): number =>
  (lifetimes ? DeviceOutput.lifetimes : 0) |
  (standardErrors ? DeviceOutput.standardErrors : 0) |
  (histograms ? DeviceOutput.histograms : 0);

/**
 * Plans a run on a camera: who computes, with which model, from which data.
 * @throws FlimdError FLIMD_E_MODEL_*, FLIMD_E_CAPABILITY where the run could not succeed
 */
export async function planRun(
  config: Config,
  camera: CameraDescription,
  options: ArmOptions,
): Promise<RunPlan> {
  const model = await modelFor(config, camera);
  const choice = selectSource(config.lifetime.mode, camera, model);
  const kernel = choice.needsHost ? kernelFor(model!, camera) : null;
  const standardErrors = choice.needsDeviceLifetimes && camera.outputs.includes('standardErrors');
  const computing = choice.source === 'host' || isOf(camera, model) ? model : null;
  const minPhotons = Math.max(
    options.minPhotons ?? config.lifetime.minPhotons ?? 0,
    computing?.network.minPhotons ?? 0,
  );
  const histograms =
    choice.needsHost || (config.acquisition.histograms && camera.outputs.includes('histograms'));
  const deconvolve = deconvolverFor(computing, camera, histograms);
  return {
    facts: {
      camera,
      model: computing && describeModel(computing, minPhotons),
      mode: config.lifetime.mode,
      source: choice.source,
      sourceReason: choice.reason ?? (computing ? null : foreignNetwork(camera)),
      deconvolvedReason: typeof deconvolve === 'string' ? deconvolve : null,
      planes: planesOf(choice.source === 'host' || standardErrors),
    },
    kernel,
    deconvolve: typeof deconvolve === 'string' ? null : deconvolve,
    minPhotons,
    source: sourceFor(kernel, choice, standardErrors, { minPhotons, threads: config.lifetime.threads }),
    expect: { lifetimes: choice.needsDeviceLifetimes, standardErrors, histograms },
  };
}

/** What deconvolves the decays of a run; in words why nothing does. */
function deconvolverFor(
  model: ModelPackage | null,
  camera: CameraDescription,
  histograms: boolean,
): Deconvolver | string {
  if (!camera.outputs.includes('histograms')) {
    return 'this camera sends lifetimes only: its histograms stay in it';
  }
  if (!histograms) {
    return 'the histograms stay in the camera: let it send them (acquisition.histograms), or the host compute';
  }
  if (!model) return 'the network of the camera is in no model package here';
  const { network, timing, decoder, name } = model;
  if (!decoder) return `the model package ${name} has no decoder`;
  return histogramDeconvolver({ network, timing, decoder }, camera);
}

/** Whether the package is the one in the bitstream of the camera. */
function isOf(camera: CameraDescription, model: ModelPackage | null): boolean {
  return model !== null && shortHash(model) === camera.modelHash;
}

function foreignNetwork({ modelHash }: CameraDescription): string {
  return `the camera computes with a network of its own, ${modelHash}, which is not the model package here`;
}

/** The planes of the frames of a run: the host always has standard errors, a camera may have none. */
function planesOf(standardErrors: boolean): StreamPlaneDescription[] {
  return streamPlanes.filter(({ name }) => standardErrors || defaultStreamPlanes.includes(name));
}

function sourceFor(
  kernel: LifetimeKernel | null,
  { needsDeviceLifetimes }: SourceChoice,
  standardErrors: boolean,
  limits: Omit<HostOptions, 'kernel'>,
): LifetimeSource {
  if (!kernel) return new DeviceLifetimes();
  const options = { kernel, ...limits };
  return needsDeviceLifetimes ? new ShadowLifetimes(options, standardErrors) : new HostLifetimes(options);
}

/** The model for a run; null only where the camera has a network of its own that is in no package here. */
async function modelFor(config: Config, camera: CameraDescription): Promise<ModelPackage | null> {
  const { model, mode } = config.lifetime;
  if (model) return checked(await loadNamedModel(model), camera);
  try {
    return await fittingModel(camera);
  } catch (error) {
    const deviceAlone = mode === 'device' && camera.outputs.includes('lifetimes');
    if (deviceAlone && error instanceof FlimdError && error.code === 'FLIMD_E_MODEL_NOT_FOUND') return null;
    throw error;
  }
}

function checked(model: ModelPackage, camera: CameraDescription): ModelPackage {
  planGates(model.timing, camera);
  return model;
}

function kernelFor(model: ModelPackage, camera: CameraDescription): LifetimeKernel {
  return createKernel(model.network, planGates(model.timing, camera));
}

function describeModel(model: ModelPackage, minPhotons: number): ModelDescription {
  return {
    name: model.name,
    hash: shortHash(model),
    gates: model.network.gates,
    hidden: model.network.hidden,
    laserPeriodPs: psFromFs(model.timing.laserPeriodFs),
    lifetimeRangePs: [...model.network.lifetimeRangePs],
    minPhotons,
  };
}
