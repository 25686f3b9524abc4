import { createHash } from 'node:crypto';
import { HlsCore } from '../fpga/hls-core.js';
import { fittingModel, loadNamedModel } from '../lifetime/model-library.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import { type CameraTiming, planGates } from '../lifetime/gate-plan.js';
import { createKernel, nativeCrc32c } from '../lifetime/native.js';
import { DeviceOutput, FlimdError } from '../protocol/index.js';
import { version } from '../version.js';
import { createSceneSource } from './built-in-scene.js';
import { DimmedSource } from './dimmed-source.js';
import { DevicePort } from './device-port.js';
import { monotonicTime } from './device-time.js';
import { FrameRenderer, type PhotonSource } from './frame-renderer.js';
import { KernelCore } from './lifetime-core.js';
import type { SimOptions } from './options.js';
import { createRecordingSource } from './recording-source.js';
import { createRtlCamera } from './rtl/create-rtl-camera.js';
import { serialOf } from './serial-number.js';
import type { BiasedSensor } from './slow-control/biased-sensor.js';
import { type DeviceIdentity, VirtualCamera } from './virtual-camera.js';

const BITSTREAM_ID_BYTES = 16;
const MAX_CACHE_BYTES = 2 ** 31;

/**
 * Builds the device that the options describe, ready for a transport.
 * @param sensor behind its slow control, where it has one
 */
export async function createDevice(
  options: SimOptions,
  sensor: BiasedSensor | null = null,
): Promise<DevicePort> {
  const source = await createSource(options, sensor);
  checkCache(options, source);
  const model = await chooseModel(options, source);
  const described = {
    identity: identify(options, model),
    outputs: outputsWith(options, model),
    framePeriodUs: options.fps === 0 ? 0 : Math.min(Math.round(1e6 / options.fps), 0xffff_ffff),
    time: monotonicTime,
    sensor,
  };
  const camera =
    options.core === 'rtl'
      ? createRtlCamera({ ...described, source, model })
      : new VirtualCamera({
          ...described,
          renderer: new FrameRenderer(
            source,
            model && coreOf(options, model, source),
            options.cacheFrames,
            sensor ? () => sensor.response() : undefined,
          ),
          crc: nativeCrc32c,
        });
  const faulty = Object.values(options.faults).some((probability) => probability > 0);
  return new DevicePort(camera, {
    linkLimitBytes: options.linkLimitBytes,
    faults: faulty ? { ...options.faults, seed: options.seed, stallMs: options.stallMs } : null,
    crc: nativeCrc32c,
  });
}

async function createSource(options: SimOptions, sensor: BiasedSensor | null): Promise<PhotonSource> {
  if (options.file === null) return createSceneSource(options);
  const recording = await createRecordingSource(options);
  return sensor ? new DimmedSource(recording, options.seed) : recording;
}

function checkCache({ cacheFrames }: SimOptions, { width, height, bins }: PhotonSource): void {
  const bytes = cacheFrames * width * height * bins * 2;
  if (bytes <= MAX_CACHE_BYTES) return;
  throw new FlimdError('FLIMD_E_CONFIG', 'virtual camera: the cached frames do not fit', {
    value: `${cacheFrames} frames, ${bytes} bytes`,
    expected: `at most ${MAX_CACHE_BYTES} bytes`,
    action: 'lower cacheFrames',
  });
}

/** What computes in the “FPGA”: the same bits either way. */
function coreOf({ core }: SimOptions, model: ModelPackage, source: PhotonSource): KernelCore {
  const { network, timing, hash } = model;
  const plan = planGates(timing, source);
  return new KernelCore(
    model,
    core === 'hls' ? new HlsCore(network, plan, hash) : createKernel(network, plan),
  );
}

/** The network for the device: the one named, or else the one that fits of those that come with flimd. */
async function chooseModel(options: SimOptions, source: PhotonSource): Promise<ModelPackage | null> {
  if (options.outputs === 'histograms') return null;
  if (options.model !== null) return loadNamedModel(options.model);
  try {
    return await fittingModel({ ...timingOf(source), modelHash: null });
  } catch (error) {
    const nothingFits = error instanceof FlimdError && error.code === 'FLIMD_E_MODEL_NOT_FOUND';
    if (nothingFits && options.outputs === 'both') return null;
    throw error;
  }
}

const timingOf = ({ bins, binWidthPs, laserPeriodPs }: PhotonSource): CameraTiming => ({
  bins,
  binWidthPs,
  laserPeriodPs,
});

function outputsWith({ outputs, standardErrors }: SimOptions, model: ModelPackage | null): number {
  if (!model) return DeviceOutput.histograms;
  return (
    DeviceOutput.lifetimes |
    (standardErrors ? DeviceOutput.standardErrors : 0) |
    (outputs === 'both' ? DeviceOutput.histograms : 0)
  );
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
    serial: serialOf(options),
    bitstreamId: bitstream.digest().subarray(0, BITSTREAM_ID_BYTES),
    firmwareVersion: (major << 16) | (minor << 8) | patch,
  };
}
