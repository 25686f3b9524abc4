import { coreImage } from '../../fpga/core-image.js';
import { planGates } from '../../lifetime/gate-plan.js';
import type { ModelPackage } from '../../lifetime/model-package.js';
import { DeviceKind, FlimdError, fsFromPs } from '../../protocol/index.js';
import { type DeviceTime, TICK_HZ } from '../device-time.js';
import type { PhotonSource } from '../frame-renderer.js';
import { histogramRowBytes, lifetimeRowBytes } from '../packetizer.js';
import type { BiasedSensor } from '../slow-control/biased-sensor.js';
import type { DeviceIdentity } from '../virtual-camera.js';
import { loadRtlAddon } from './rtl-addon.js';
import { RtlCamera } from './rtl-camera.js';

const SERIAL_BYTES = 16;
const BITSTREAM_ID_BYTES = 16;
const HASH_BYTES = 8;

export interface RtlCameraDescription {
  identity: DeviceIdentity;
  source: PhotonSource;
  model: ModelPackage | null;
  /** Bit mask of DeviceOutput. */
  outputs: number;
  framePeriodUs: number;
  time: DeviceTime;
  /** Behind the slow control; null where there is none. */
  sensor: BiasedSensor | null;
}

/**
 * The bitstream's RTL as a camera of this description.
 * @throws FlimdError FLIMD_E_CONFIG where the image is beyond its limits; FLIMD_E_NATIVE_MISSING where it is not built
 */
export function createRtlCamera(description: RtlCameraDescription): RtlCamera {
  const { identity, source, model, outputs, framePeriodUs, time, sensor } = description;
  checkLimits(source);
  return new RtlCamera({
    source,
    image: model && coreImage(model.network, planGates(model.timing, source), model.hash),
    time,
    sensor,
    straps: {
      width: source.width,
      height: source.height,
      bins: source.bins,
      binWidthFs: fsFromPs(source.binWidthPs),
      laserPeriodFs: fsFromPs(source.laserPeriodPs),
      framePeriodUs,
      firmwareVersion: identity.firmwareVersion,
      deviceKind: DeviceKind.virtual,
      outputs,
      tickHz: TICK_HZ,
      minPhotons: model?.network.minPhotons ?? 0,
      serial: padded(new TextEncoder().encode(identity.serial), SERIAL_BYTES),
      bitstreamId: padded(identity.bitstreamId, BITSTREAM_ID_BYTES),
      modelHash: padded(Buffer.from(model?.hash ?? '', 'hex'), HASH_BYTES),
    },
  });
}

/** Exactly `length` bytes: the first of these, then zeros. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  const all = new Uint8Array(length);
  all.set(bytes.subarray(0, length));
  return all;
}

/** The limits that firmware/rtl/geometry_check.sv holds too, with words. */
function checkLimits({ width, height, bins }: PhotonSource): void {
  const { wordBits, payloadBits } = loadRtlAddon();
  const refuse = (value: string, expected: string, action: string): never => {
    throw new FlimdError('FLIMD_E_CONFIG', 'virtual camera: the image is beyond the limits of core=rtl', {
      value,
      expected,
      action,
    });
  };
  if (width % 4 !== 0 || bins % 4 !== 0)
    refuse(`width ${width}, ${bins} bins`, 'multiples of 4', 'choose another width or number of bins');
  const words = (width * height * bins) / 4;
  if (words > 2 ** wordBits)
    refuse(
      `${width} × ${height} × ${bins} bins`,
      `at most ${2 ** wordBits * 4} bins a frame`,
      'use a smaller image or fewer bins',
    );
  const rowBytes = Math.max(histogramRowBytes(width, bins), lifetimeRowBytes(width, true));
  if (rowBytes > 2 ** payloadBits)
    refuse(`${rowBytes} bytes a row`, `at most ${2 ** payloadBits}`, 'use a narrower image or fewer bins');
}
