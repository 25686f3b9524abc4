import { createHash } from 'node:crypto';
import { loadModelPackage, type ModelPackage } from '../lifetime/model-package.js';
import { planGates } from '../lifetime/gate-plan.js';
import { createKernel, nativeCrc32c } from '../lifetime/native.js';
import { DeviceOutput, FlimdError } from '../protocol/index.js';
import { version } from '../version.js';
import { createSceneSource } from './built-in-scene.js';
import { DevicePort } from './device-port.js';
import { monotonicTime } from './device-time.js';
import { FrameRenderer, type LifetimeCore, type PhotonSource } from './frame-renderer.js';
import { KernelCore } from './lifetime-core.js';
import type { SimOptions } from './options.js';
import { createRecordingSource } from './recording-source.js';
import { type DeviceIdentity, VirtualCamera } from './virtual-camera.js';

const BITSTREAM_ID_BYTES = 16;

/** Builds the device that the options describe, ready for a transport. */
export async function createDevice(options: SimOptions): Promise<DevicePort> {
  const source = options.file === null ? createSceneSource(options) : await createRecordingSource(options);
  const model = options.model === null ? null : await loadModelPackage(options.model);
  const outputs = possibleOutputs(options, model);
  const core = model && outputs & DeviceOutput.lifetimes ? createCore(model, source) : null;
  const camera = new VirtualCamera({
    identity: identify(options, core && model),
    renderer: new FrameRenderer(source, core, options.cacheFrames),
    outputs,
    framePeriodUs: options.fps === 0 ? 0 : Math.round(1e6 / options.fps),
    time: monotonicTime,
    crc: nativeCrc32c,
  });
  const faulty = Object.values(options.faults).some((probability) => probability > 0);
  return new DevicePort(camera, {
    linkLimitBytes: options.linkLimitBytes,
    faults: faulty ? { ...options.faults, seed: options.seed, stallMs: options.stallMs } : null,
    crc: nativeCrc32c,
  });
}

function possibleOutputs({ outputs }: SimOptions, model: ModelPackage | null): number {
  if (outputs === 'histograms' || (outputs === 'both' && !model)) return DeviceOutput.histograms;
  if (outputs === 'both') return DeviceOutput.lifetimes | DeviceOutput.histograms;
  if (model) return DeviceOutput.lifetimes;
  throw new FlimdError('FLIMD_E_CONFIG', 'virtual camera: without a model it cannot send lifetimes', {
    value: outputs,
    expected: 'outputs=histograms, or a model',
    action: 'add model=FOLDER with a model package, or leave outputs out',
  });
}

function createCore(model: ModelPackage, source: PhotonSource): LifetimeCore {
  return new KernelCore(model, createKernel(model.network, planGates(model.timing, source)));
}

/** What a bitstream is to a real camera is here the version of the simulation and the network in it. */
function identify(options: SimOptions, model: ModelPackage | null): DeviceIdentity {
  const bitstream = createHash('sha256').update(`flimd-sim ${version} ${model?.hash ?? 'no model'}`);
  const [major, minor, patch] = version.split('.').map((part) => parseInt(part, 10)) as [
    number,
    number,
    number,
  ];
  return {
    serial: `SIM-${options.seed.toString(16).padStart(8, '0')}`,
    bitstreamId: bitstream.digest().subarray(0, BITSTREAM_ID_BYTES),
    firmwareVersion: (major << 16) | (minor << 8) | patch,
  };
}
