import { DeviceKind, FlimdError, fsFromPs } from '../../protocol/index.js';
import { type DeviceTime, TICK_HZ } from '../device-time.js';
import type { LifetimeCore, PhotonSource } from '../frame-renderer.js';
import type { DeviceIdentity } from '../virtual-camera.js';
import { loadRtlAddon } from './rtl-addon.js';
import { RtlCamera } from './rtl-camera.js';

const SERIAL_BYTES = 16;
/** A lifetimes packet with standard errors. */
const LIFETIME_PIXEL_BYTES = 12;

export interface RtlCameraDescription {
  identity: DeviceIdentity;
  source: PhotonSource;
  core: LifetimeCore | null;
  /** Bit mask of DeviceOutput. */
  outputs: number;
  framePeriodUs: number;
  time: DeviceTime;
}

/**
 * The bitstream's RTL as a camera of this description.
 * @throws FlimdError FLIMD_E_CONFIG where the image is beyond its limits; FLIMD_E_NATIVE_MISSING where it is not built
 */
export function createRtlCamera(description: RtlCameraDescription): RtlCamera {
  const { identity, source, core, outputs, framePeriodUs, time } = description;
  checkLimits(source);
  const serial = new Uint8Array(SERIAL_BYTES);
  serial.set(new TextEncoder().encode(identity.serial).subarray(0, SERIAL_BYTES));
  return new RtlCamera({
    source,
    core,
    time,
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
      minPhotons: core?.minPhotons ?? 0,
      serial,
      bitstreamId: Uint8Array.from(identity.bitstreamId),
      modelHash: core?.modelHash ?? new Uint8Array(8),
    },
  });
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
  const rowBytes = width * Math.max(2 * bins, LIFETIME_PIXEL_BYTES);
  if (rowBytes > 2 ** payloadBits)
    refuse(`${rowBytes} bytes a row`, `at most ${2 ** payloadBits}`, 'use a narrower image or fewer bins');
}
