import { nativeAddon } from '../../native-addon.js';

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

/** `file`, in build/: another one for tests. @throws FlimdError FLIMD_E_NATIVE_MISSING where it was not built. */
export const loadRtlAddon = (file = 'rtl/flimd_rtl.node'): Addon =>
  nativeAddon<Addon>(
    file,
    'the simulated bitstream does',
    'install Verilator 5 and run `npm run build:rtl`, or use core=native',
  )();
