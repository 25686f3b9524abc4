import type { ErrorBody } from './errors.js';
import type { BiasState } from './slow-control.js';

/** WebSocket subprotocol; every message is one binary MessagePack map with string keys. */
export const STREAM_SUBPROTOCOL = 'flimd.v1';
export const STREAM_PATH = '/api/v1/stream';

export type LifetimeSourceName = 'device' | 'host';
export type LifetimeMode = 'device' | 'host' | 'shadow';
export type PlaneType = 'u8' | 'u16' | 'u32';

export interface PlaneDescription {
  name: string;
  type: PlaneType;
  unit: string;
}

/** Every plane that the frames of a series can have. */
export const streamPlanes = [
  { name: 'meanLifetimeAmplitude', type: 'u16', unit: 'ps' },
  { name: 'meanLifetimeIntensity', type: 'u16', unit: 'ps' },
  { name: 'photons', type: 'u32', unit: 'photons' },
  { name: 'standardErrorAmplitude', type: 'u16', unit: 'ps' },
  { name: 'standardErrorIntensity', type: 'u16', unit: 'ps' },
] as const satisfies readonly PlaneDescription[];

export type StreamPlaneDescription = (typeof streamPlanes)[number];
export type StreamPlane = StreamPlaneDescription['name'];

/** What a client gets that does not say which planes it wants. */
export const defaultStreamPlanes: readonly StreamPlane[] = [
  'meanLifetimeAmplitude',
  'meanLifetimeIntensity',
  'photons',
];

/** Query parameter of the stream's address: the planes wanted, separated by commas. */
export const STREAM_PLANES_PARAMETER = 'planes';

/** Run states of the acquisition (field notes §4). */
export const runStates = [
  'disconnected',
  'initializing',
  'idle',
  'armed',
  'acquiring',
  'draining',
  'error',
] as const;
export type RunState = (typeof runStates)[number];

/**
 * Counters of a run. Packets: `sentByDevice = packetsReceived + packetsLost`.
 * Frames: `framesReceived = framesPublished + framesRejected`.
 */
export interface RunCounters {
  /** Packets the device put on the link, all types; null until the device has said so. */
  packetsSent: number | null;
  /** Distinct packets of the series that arrived sound. */
  packetsReceived: number;
  /** Packets of the series that never arrived sound. */
  packetsLost: number;
  /** Sound packets that arrived again; not in `packetsReceived`. */
  packetsDuplicated: number;
  /** Sound packets that arrived after a later one. */
  packetsReordered: number;
  /** Sound packets whose frame had already been delivered or given up; part of `packetsReceived`. */
  packetsLate: number;
  /** Sound packets of another series; part of no other counter. */
  packetsForeign: number;
  /** Byte runs that looked like a packet and failed a CRC or a bound. */
  packetsInvalid: number;
  /** Bytes skipped while looking for a packet. */
  bytesSkipped: number;
  bytesReceived: number;
  /** Frames of which at least one packet arrived sound. */
  framesReceived: number;
  /** Frames handed on, complete or partial. */
  framesPublished: number;
  /** Of those, frames with rows missing. */
  framesPartial: number;
  /** Frames given up: no buffer was free, or none of their rows arrived in time. */
  framesRejected: number;
  /** Of those, frames for which no buffer was free. */
  framesDropped: number;
  /** Frames finished by time-out. */
  framesTimedOut: number;
  /** Frame numbers of which no packet arrived at all. */
  framesMissing: number;
  /** Frames the device itself dropped because the link was full. */
  framesDroppedByDevice: number;
  /** Most buffers in use at once. */
  poolHighWater: number;
}

export interface ConservationCheck {
  law: string;
  left: number;
  right: number;
  holds: boolean;
}

/** Frames of a recording: `framesDelivered = framesRecorded + framesDroppedByRecorder`. */
export interface RecorderCounts {
  /** Frames delivered from the beginning of the recording to its end. */
  framesDelivered: number;
  /** Of those, frames in the file. */
  framesRecorded: number;
  /** Of those, frames that are not: the disk did not keep up, or failed. */
  framesDroppedByRecorder: number;
  /** Frames of the series that had been delivered before the recording began. */
  framesNotAsked: number;
}

/** A recording that has ended. */
export interface RecordingSummary extends RecorderCounts {
  /** File name, without its folder. */
  name: string;
  /** False where it failed: then `error` says why, and NAME.partial holds what was recorded. */
  complete: boolean;
  bytes: number;
  /** Why it ended, in words. */
  cause: string;
  error: ErrorBody | null;
}

/** The recording at hand. */
export interface RecordingProgress extends RecorderCounts {
  /** File name when it is complete, without its folder. */
  name: string;
  series: number;
  /** Unix time, ms. */
  startedAt: number;
  /** `failed`: it takes no more frames, those that come count as dropped. */
  state: 'recording' | 'finishing' | 'failed';
  histograms: boolean;
  /** Recorded frames after which it ends by itself; null: with its series. */
  frameLimit: number | null;
  /** Size of the file, as of the last flush. */
  bytes: number;
  /** Frames that wait for the disk, the most that did, and the room for them. */
  queueBytes: number;
  queueHighWaterBytes: number;
  queueLimitBytes: number;
}

/** What is recorded, and how that goes (docs/recording.md). */
export interface RecordingStatus {
  /** Folder of the recordings, absolute. */
  directory: string;
  /** Every series is recorded. */
  everySeries: boolean;
  /** The next series will be recorded. */
  next: boolean;
  current: RecordingProgress | null;
  /** The recording before. */
  last: RecordingSummary | null;
  /** Why the recording at hand failed, or the last one; null where all is well. */
  error: ErrorBody | null;
}

/** A file in the folder of the recordings. */
export interface RecordingFile {
  /** Without the folder; ends in `.h5`, or in `.h5.partial` where it is not finished. */
  name: string;
  bytes: number;
  /** Unix time, ms. */
  modifiedAt: number;
  complete: boolean;
}

export interface CameraDescription {
  uri: string;
  kind: 'virtual' | 'fpga';
  serial: string;
  firmware: string;
  bitstreamId: string;
  width: number;
  height: number;
  bins: number;
  binWidthPs: number;
  laserPeriodPs: number;
  /** `standardErrors`: its lifetimes packets can bring the standard errors along. */
  outputs: ('lifetimes' | 'histograms' | 'standardErrors')[];
  /** Hash of the network in the bitstream; null where there is none. */
  modelHash: string | null;
  tickHz: number;
}

export interface ModelDescription {
  name: string;
  /** First 8 bytes of the package hash, hex. */
  hash: string;
  gates: number;
  hidden: number;
  laserPeriodPs: number;
  lifetimeRangePs: [number, number];
  minPhotons: number;
}

export interface StartMessage {
  type: 'start';
  protocol: typeof STREAM_SUBPROTOCOL;
  series: number;
  uid: string;
  /** Unix time, ms. */
  startedAt: number;
  camera: CameraDescription;
  model: ModelDescription | null;
  mode: LifetimeMode;
  source: LifetimeSourceName;
  /** Why this source, in words, where it was not the one asked for. */
  sourceReason: string | null;
  /** Why the decays of this series come without their deconvolution, in words; null where they come with it. */
  deconvolvedReason: string | null;
  /** The planes that this client's frames have: of those it asked for, those that this series has. */
  planes: PlaneDescription[];
}

export interface FrameMessage {
  type: 'frame';
  series: number;
  uid: string;
  /** Device frame number in the series. */
  frame: number;
  width: number;
  height: number;
  source: LifetimeSourceName;
  bitstreamId: string;
  modelHash: string | null;
  complete: boolean;
  /** One byte a row, 1 = valid; null where the frame is complete. */
  rowsValid: Uint8Array | null;
  startTicks: number;
  endTicks: number;
  /** When the frame was complete at the device, unix ms by the host's clock (device clock mapped). */
  completedAt: number;
  /** When the daemon sent it, unix ms. */
  sentAt: number;
  /** Shadow mode: pixels whose device and host lifetimes differ; null in other modes. */
  mismatchedPixels: number | null;
  /** Row-major little-endian planes by name. A lifetime of 0 is "no valid estimate". */
  planes: Record<string, Uint8Array>;
}

export interface EndMessage {
  type: 'end';
  series: number;
  uid: string;
  reason: 'stopped' | 'completed' | 'aborted' | 'linkLost' | 'error';
  /** What ended it, in words. Older daemons lack it. */
  cause?: string;
  counters: RunCounters;
  conservation: ConservationCheck[];
  /** The recording that ended with the series; null where there was none. Older daemons lack it. */
  recording?: RecordingSummary | null;
}

/** Most pixels of a region whose decay a client watches: they are summed for every frame. */
export const MAX_REGION_PIXELS = 1024;

/** The decay of a watched pixel or region; sent only while histograms flow. */
export interface DecayMessage {
  type: 'decay';
  series: number;
  frame: number;
  /** Upper left pixel. */
  x: number;
  y: number;
  /** Of the region; 1 and 1 for a pixel. */
  width: number;
  height: number;
  binWidthPs: number;
  /** u32 little-endian photons per detector bin, summed over the region. */
  counts: Uint8Array;
  /** Of the sum of all decays since the client began to watch. */
  deconvolved: DeconvolvedDecay | null;
  /** Why there is none, in words; null where there is one. */
  deconvolvedReason: string | null;
}

/** The decay that a detector without response, background and pulses before would see (docs/fixed-point.md §7). */
export interface DeconvolvedDecay {
  /** Where its time zero lies, from the start of detector bin 0. */
  startPs: number;
  stepPs: number;
  /** Mean of the decay over each step; 1 at time zero. */
  values: number[];
  /** Frames summed for it. */
  frames: number;
  /** Their photons in the gates of the network. */
  photons: number;
}

/** The slow control of the camera: its bias, temperatures, cooler and laser (docs/slow-control.md). */
export interface SlowControlStatus {
  /** Serial port, as configured. */
  port: string;
  connected: boolean;
  serial: string | null;
  firmware: string | null;
  bias: BiasState | null;
  /** Channels by name, as last read; null before the first and while it is not connected. */
  values: Record<string, number> | null;
  /** Least and most of each set-point, as the camera says. */
  limits: Record<string, [number, number]> | null;
  /** Latched alarms by name, of the camera and of the daemon. */
  alarms: string[];
  /** Why it is not connected, or what went wrong last. */
  error: ErrorBody | null;
  /** How the line does, since the daemon began. */
  line: { requests: number; retries: number; timeouts: number; strayAnswers: number; framesInvalid: number };
}

export interface DaemonStatus {
  version: string;
  uptimeS: number;
  /** Unix time, ms; with `clock` messages a client can map clocks. */
  now: number;
  state: { name: RunState; since: number; cause: string; error: ErrorBody | null };
  camera: CameraDescription | null;
  model: ModelDescription | null;
  lifetime: {
    mode: LifetimeMode;
    source: LifetimeSourceName | null;
    reason: string | null;
    /** Shadow mode: frames and pixels compared in this series, and pixels that differed. */
    shadow: { frames: number; pixels: number; mismatchedPixels: number } | null;
    kernel: string | null;
  };
  series: { id: number; uid: string; startedAt: number; counters: RunCounters } | null;
  lastRun: {
    id: number;
    uid: string;
    reason: EndMessage['reason'];
    /** As in `end`. Older daemons lack it. */
    cause?: string;
    counters: RunCounters;
    conservation: ConservationCheck[];
    /** As in `end`. Older daemons lack it. */
    recording?: RecordingSummary | null;
  } | null;
  rates: { framesPerSecond: number; photonsPerSecond: number };
  /** Frame complete at the device → handed to the stream, over the last 256 frames; null before the first. */
  latencyMs: { p50: number; p99: number } | null;
  telemetry: {
    temperatureC: number;
    biasV: number;
    photonRateHz: number;
    peakPixelRateHz: number;
    laserRateHz: number;
  } | null;
  /** What went wrong inside the camera in this or the last series; null where it does not say. Older daemons lack it. */
  diagnostics?: {
    /** First 8 bytes of the git commit its bitstream was made from, hex; null where not known. */
    sourceRevision: string | null;
    /** Names of DeviceError. */
    errors: string[];
    linkStallCycles: number;
    eventsDropped: number;
    eventsSaturated: number;
  } | null;
  /** null where no slow control is configured. Older daemons lack it. */
  slowControl?: SlowControlStatus | null;
  /** Older daemons lack it. */
  recording?: RecordingStatus;
  stream: {
    clients: number;
    framesEncoded: number;
    framesSent: number;
    framesSkipped: number;
    /** Older daemons lack it. */
    bytesSent?: number;
  };
}

export interface StatusMessage {
  type: 'status';
  status: DaemonStatus;
  /** This client's own flow. */
  client: { framesSent: number; framesSkipped: number; policy: 'latest' };
}

export interface ErrorMessage {
  type: 'error';
  error: ErrorBody;
}

/** Answer to `clock`: the client's time back, and the daemon's, unix ms. */
export interface ClockMessage {
  type: 'clock';
  clientTime: number;
  serverTime: number;
}

export type ServerMessage =
  StartMessage | FrameMessage | EndMessage | DecayMessage | StatusMessage | ErrorMessage | ClockMessage;

export type ClientMessage =
  /**
   * Ask for the decay of a pixel with every frame, or of a region: (x, y) is its upper left pixel, width and height
   * are 1 unless given.
   */
  | { type: 'watch'; x: number; y: number; width?: number | undefined; height?: number | undefined }
  /** End that. */
  | { type: 'watch'; x: null; y: null }
  | { type: 'clock'; clientTime: number };
