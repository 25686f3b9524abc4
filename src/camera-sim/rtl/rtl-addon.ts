import { createRequire } from 'node:module';
import { FlimdError } from '../../protocol/index.js';

/** What the simulated bitstream is told by its pins; constant after power-on. */
export interface Straps {
  width: number;
  height: number;
  bins: number;
  binWidthFs: number;
  laserPeriodFs: number;
  framePeriodUs: number;
  firmwareVersion: number;
  deviceKind: number;
  /** Bit mask of DeviceOutput. */
  outputs: number;
  tickHz: number;
  minPhotons: number;
  /** 16, 16 and 8 bytes. */
  serial: Uint8Array;
  bitstreamId: Uint8Array;
  modelHash: Uint8Array;
}

/** Why a run of the clock ended. */
export const RunEnd = { cyclesOver: 0, packetWhole: 1, exposureBegun: 2 } as const;

/** The verilated flimd_device (firmware/sim/addon.cc): a dumb clock with pins. */
export interface RtlDevice {
  /** The device clock as its pins show it. */
  ticks: number;
  /** Bytes in the packet array after a run that ended with `packetWhole`. */
  readonly packetBytes: number;
  /** Whether anything moved in the last run: events, histograms, results, packets. */
  readonly moved: boolean;
  /** Clock cycles since power-on. */
  readonly cycles: number;
  /** False where the device refuses. */
  write(address: number, value: number): boolean;
  /** null where the device refuses. */
  read(address: number): number | null;
  run(cycles: number, linkReady: boolean): (typeof RunEnd)[keyof typeof RunEnd];
  /** Whether an exposure has begun since this was asked last; register accesses take cycles, too. */
  takeExposure(): boolean;
  /** Photons of the exposure that has begun: pixel and bin in turn. They are followed by the mark. */
  expose(events: Uint32Array): void;
  sensors(temperatureMilliC: number, biasMillivolt: number, laserRateHz: number): void;
}

interface Addon {
  /** A half of the histogram memory holds 2^wordBits words of four bins. */
  readonly wordBits: number;
  /** A payload holds 2^payloadBits bytes at most. */
  readonly payloadBits: number;
  /** `image`: the model of the core (src/fpga/core-image.ts). Packets appear in the array `packet`. */
  readonly RtlDevice: new (straps: Straps, image: Uint32Array | null, packet: Uint8Array) => RtlDevice;
}

/** The same place seen from src/camera-sim/rtl and from dist/camera-sim/rtl. */
const ADDON = '../../../build/rtl/flimd_rtl.node';

/** @throws FlimdError FLIMD_E_NATIVE_MISSING where it was not built. */
export function loadRtlAddon(file = ADDON): Addon {
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_NATIVE_MISSING',
      `the simulated bitstream does not load: ${(cause as Error).message.split('\n')[0]}`,
      {
        expected: 'build/rtl/flimd_rtl.node, built for this machine and this version of Node.js',
        action: 'install Verilator 5 and run `npm run build:rtl`, or use core=native',
      },
      { cause },
    );
  }
}
