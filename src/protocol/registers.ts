/**
 * The camera's register map: 32-bit little-endian words at byte addresses. Written once here as data;
 * `npm run generate` makes the C++ header and docs/registers.md from it.
 */
export interface Register {
  readonly name: string;
  /** Byte address of the first word. */
  readonly address: number;
  /** Number of 32-bit words; more than one holds bytes in memory order (text, ids) or a little-endian wide number. */
  readonly words: number;
  /** w1c: reading gives sticky bits, writing clears those that are 1 in the value, in any state. */
  readonly access: 'ro' | 'rw' | 'wo' | 'w1c';
  readonly meaning: string;
}

export interface RegisterBlock {
  readonly name: string;
  readonly meaning: string;
  readonly registers: readonly Register[];
}

/** The bytes "FLMR" in memory order. */
export const REGISTER_MAP_MAGIC = 0x524d4c46;
/** What a PCIe bus gives for a word that nobody answers for. No state of `lastRefusal` looks like it. */
export const NOBODY = 0xffff_ffff;
export const REGISTER_MAP_VERSION = 1;
export const MAX_REGISTER_WORDS = 256;

export const registerBlocks = [
  {
    name: 'identity',
    meaning: 'what this device is',
    registers: [
      { name: 'mapMagic', address: 0x000, words: 1, access: 'ro', meaning: 'the bytes "FLMR"' },
      { name: 'mapVersion', address: 0x004, words: 1, access: 'ro', meaning: 'version of this map, 1' },
      {
        name: 'packetVersion',
        address: 0x008,
        words: 1,
        access: 'ro',
        meaning: 'version of the link packets it sends',
      },
      {
        name: 'firmwareVersion',
        address: 0x00c,
        words: 1,
        access: 'ro',
        meaning: 'major << 16 | minor << 8 | patch',
      },
      {
        name: 'serial',
        address: 0x010,
        words: 4,
        access: 'ro',
        meaning: 'serial number, ASCII, padded with 0',
      },
      {
        name: 'bitstreamId',
        address: 0x020,
        words: 4,
        access: 'ro',
        meaning: 'first 16 bytes of a SHA-256 of what the bitstream was built from',
      },
      { name: 'deviceKind', address: 0x030, words: 1, access: 'ro', meaning: '1 = virtual camera, 2 = FPGA' },
    ],
  },
  {
    name: 'capabilities',
    meaning: 'what it can do',
    registers: [
      { name: 'width', address: 0x040, words: 1, access: 'ro', meaning: 'pixels per row' },
      { name: 'height', address: 0x044, words: 1, access: 'ro', meaning: 'rows' },
      { name: 'bins', address: 0x048, words: 1, access: 'ro', meaning: 'detector time bins per pixel' },
      {
        name: 'outputs',
        address: 0x04c,
        words: 1,
        access: 'ro',
        meaning:
          'bit 0: can send lifetimes, bit 1: can send histograms, bit 2: can send standard errors with its lifetimes',
      },
      {
        name: 'maxPayloadBytes',
        address: 0x050,
        words: 1,
        access: 'ro',
        meaning: 'largest payload it sends',
      },
      { name: 'tickHz', address: 0x054, words: 1, access: 'ro', meaning: 'device clock frequency' },
    ],
  },
  {
    name: 'timing',
    meaning: 'the time axis of a histogram; three different settings (field notes §10)',
    registers: [
      { name: 'binWidthFs', address: 0x080, words: 1, access: 'ro', meaning: 'width of a detector bin, fs' },
      {
        name: 'laserPeriodFs',
        address: 0x084,
        words: 1,
        access: 'ro',
        meaning: 'time between laser pulses, fs',
      },
      {
        name: 'framePeriodUs',
        address: 0x088,
        words: 1,
        access: 'rw',
        meaning: 'time between frame starts, µs; 0 = as fast as it can',
      },
    ],
  },
  {
    name: 'model',
    meaning: 'the network in the bitstream; zeros where there is none',
    registers: [
      {
        name: 'modelHash',
        address: 0x0c0,
        words: 2,
        access: 'ro',
        meaning: 'first 8 bytes of the model hash',
      },
      {
        name: 'minPhotons',
        address: 0x0c8,
        words: 1,
        access: 'rw',
        meaning:
          'pixels with fewer photons in the gates are sent as invalid; not below the model’s own limit',
      },
    ],
  },
  {
    name: 'control',
    meaning: 'written by the host; configuration is read-only while armed or acquiring',
    registers: [
      {
        name: 'command',
        address: 0x100,
        words: 1,
        access: 'wo',
        meaning: '1 arm, 2 start, 3 stop (finish the frame), 4 abort (drop it), 5 disarm',
      },
      {
        name: 'output',
        address: 0x104,
        words: 1,
        access: 'rw',
        meaning: 'what to send: bit 0 lifetimes, bit 1 histograms, bit 2 standard errors (only with bit 0)',
      },
      {
        name: 'series',
        address: 0x108,
        words: 1,
        access: 'rw',
        meaning: 'series number for the packets of the next run, not 0',
      },
      {
        name: 'frameLimit',
        address: 0x10c,
        words: 1,
        access: 'rw',
        meaning: 'frames to acquire; 0 = until stopped',
      },
      {
        name: 'rowsPerPacket',
        address: 0x110,
        words: 1,
        access: 'rw',
        meaning: 'image rows in a packet; the device lowers it to what maxPayloadBytes allows',
      },
      {
        name: 'histogramSource',
        address: 0x114,
        words: 1,
        access: 'rw',
        meaning: '0 = the sensor, 1 = histograms that the host injects; 0 only where there is no injector',
      },
    ],
  },
  {
    name: 'status',
    meaning: 'what it is doing',
    registers: [
      {
        name: 'state',
        address: 0x140,
        words: 1,
        access: 'ro',
        meaning: '0 idle, 1 armed, 2 acquiring, 3 draining, 4 error',
      },
      {
        name: 'fault',
        address: 0x144,
        words: 1,
        access: 'ro',
        meaning: '0 none, 1 configuration, 2 overheated, 3 link overrun',
      },
      {
        name: 'ticks',
        address: 0x148,
        words: 2,
        access: 'ro',
        meaning: 'device clock now; reading the low word latches the high word',
      },
    ],
  },
  {
    name: 'counters',
    meaning: 'of the current or last series; set to 0 by arm',
    registers: [
      {
        name: 'packetsSent',
        address: 0x180,
        words: 1,
        access: 'ro',
        meaning: 'packets put on the link in the series, all types',
      },
      { name: 'framesSent', address: 0x184, words: 1, access: 'ro', meaning: 'frames sent whole' },
      {
        name: 'framesDropped',
        address: 0x188,
        words: 1,
        access: 'ro',
        meaning: 'frames not sent because the link was full',
      },
    ],
  },
  {
    name: 'telemetry',
    meaning: 'measured values, also sent as telemetry packets',
    registers: [
      {
        name: 'temperatureMilliC',
        address: 0x1c0,
        words: 1,
        access: 'ro',
        meaning: 'sensor temperature, 0.001 °C, signed',
      },
      { name: 'biasMillivolt', address: 0x1c4, words: 1, access: 'ro', meaning: 'SPAD bias, mV' },
      {
        name: 'photonRateHz',
        address: 0x1c8,
        words: 1,
        access: 'ro',
        meaning: 'photons per second, whole array',
      },
      {
        name: 'peakPixelRateHz',
        address: 0x1cc,
        words: 1,
        access: 'ro',
        meaning: 'photons per second of the brightest pixel',
      },
      { name: 'laserRateHz', address: 0x1d0, words: 1, access: 'ro', meaning: 'laser pulses per second' },
    ],
  },
  {
    name: 'diagnostics',
    meaning: 'of the bitstream and what went wrong in it; a camera may lack this block',
    registers: [
      {
        name: 'sourceRevision',
        address: 0x200,
        words: 2,
        access: 'ro',
        meaning: 'first 8 bytes of the git commit the bitstream was made from; 0 = not known',
      },
      {
        name: 'errorFlags',
        address: 0x208,
        words: 1,
        access: 'w1c',
        meaning:
          'sticky: bit 0 photon events lost, bit 1 a bin was full, bit 2 an injected frame was short, bit 3 one was long, bit 4 the lifetime core gave another number of results than asked for, bit 5 an event lay outside the image',
      },
      {
        name: 'linkStallCycles',
        address: 0x20c,
        words: 1,
        access: 'ro',
        meaning: 'device cycles in which a packet waited for the link; of the series, set to 0 by arm',
      },
      {
        name: 'eventsDropped',
        address: 0x210,
        words: 1,
        access: 'ro',
        meaning: 'photon events lost because their FIFO was full; of the series, set to 0 by arm',
      },
      {
        name: 'eventsSaturated',
        address: 0x214,
        words: 1,
        access: 'ro',
        meaning: 'photon events that found their bin full; of the series, set to 0 by arm',
      },
      {
        name: 'lastRefusal',
        address: 0x218,
        words: 1,
        access: 'ro',
        meaning:
          'bits 31:16 register accesses refused since reset (wraps), bit 15 the last one was a write, bits 11:0 its address',
      },
    ],
  },
] as const satisfies readonly RegisterBlock[];

export type RegisterName = (typeof registerBlocks)[number]['registers'][number]['name'];
export type RegisterBlockName = (typeof registerBlocks)[number]['name'];

const byName = new Map<string, Register>(
  registerBlocks.flatMap((block) => block.registers.map((register) => [register.name, register])),
);

export function register(name: RegisterName): Register {
  return byName.get(name)!;
}

export const DeviceKind = { virtual: 1, fpga: 2 } as const;
export const DeviceOutput = { lifetimes: 1, histograms: 2, standardErrors: 4 } as const;
export const DeviceCommand = { arm: 1, start: 2, stop: 3, abort: 4, disarm: 5 } as const;
export const DeviceState = { idle: 0, armed: 1, acquiring: 2, draining: 3, error: 4 } as const;
export const DeviceFault = { none: 0, configuration: 1, overheated: 2, linkOverrun: 3 } as const;
/** Histograms travel in a camera and into it in beats of so many bins of a pixel, u16 each. */
export const HISTOGRAM_BEAT_BINS = 4;
export const HistogramSource = { sensor: 0, injected: 1 } as const;
/** Bits of `errorFlags`. */
export const DeviceError = {
  eventsLost: 1,
  binSaturated: 2,
  injectionShort: 4,
  injectionLong: 8,
  coreMismatch: 16,
  eventOutside: 32,
} as const;
