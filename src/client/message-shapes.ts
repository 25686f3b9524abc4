import type { ErrorBody, ErrorCode } from '../protocol/errors.js';
import {
  STREAM_SUBPROTOCOL,
  runStates,
  type CameraDescription,
  type ConservationCheck,
  type DaemonStatus,
  type DeconvolvedDecay,
  type ModelDescription,
  type PlaneDescription,
  type RecordingFile,
  type RecordingProgress,
  type RecordingStatus,
  type RecordingSummary,
  type RunCounters,
  type ServerMessage,
  type SlowControlStatus,
} from '../protocol/stream.js';
import {
  anything,
  bytes,
  dictionary,
  flag,
  list,
  nullable,
  oneOf,
  optional,
  pair,
  real,
  record,
  text,
  whole,
  type Check,
} from './shape.js';

const source = oneOf('device', 'host');
const mode = oneOf('device', 'host', 'shadow');
const endReason = oneOf('stopped', 'completed', 'aborted', 'linkLost', 'error');
export const runState = oneOf(...runStates);

export const errorBody: Check<ErrorBody> = record<ErrorBody>({
  // Any text: a newer daemon may know codes that this client does not.
  code: text as Check<ErrorCode>,
  message: text,
  value: anything,
  expected: optional(text),
  action: optional(text),
});

const counters = record<RunCounters>({
  packetsSent: nullable(whole),
  packetsReceived: whole,
  packetsLost: whole,
  packetsDuplicated: whole,
  packetsReordered: whole,
  packetsLate: whole,
  packetsForeign: whole,
  packetsInvalid: whole,
  bytesSkipped: whole,
  bytesReceived: whole,
  framesReceived: whole,
  framesPublished: whole,
  framesPartial: whole,
  framesRejected: whole,
  framesDropped: whole,
  framesTimedOut: whole,
  framesMissing: whole,
  framesDroppedByDevice: whole,
  poolHighWater: whole,
});

const conservation = list(record<ConservationCheck>({ law: text, left: real, right: real, holds: flag }));

const camera = record<CameraDescription>({
  uri: text,
  kind: oneOf('virtual', 'fpga'),
  serial: text,
  firmware: text,
  bitstreamId: text,
  width: whole,
  height: whole,
  bins: whole,
  binWidthPs: real,
  laserPeriodPs: real,
  outputs: list(oneOf('lifetimes', 'histograms', 'standardErrors')),
  modelHash: nullable(text),
  tickHz: real,
});

export const model = record<ModelDescription>({
  name: text,
  hash: text,
  gates: whole,
  hidden: whole,
  laserPeriodPs: real,
  lifetimeRangePs: pair(real),
  minPhotons: whole,
});

export const slowControl = record<SlowControlStatus>({
  port: text,
  connected: flag,
  serial: nullable(text),
  firmware: nullable(text),
  bias: nullable(oneOf('off', 'rampingUp', 'on', 'rampingDown')),
  values: nullable(dictionary(real)),
  limits: nullable(dictionary(pair(real))),
  // Any text: newer cameras may know alarms that this client does not.
  alarms: list(text),
  error: nullable(errorBody),
  line: record({
    requests: whole,
    retries: whole,
    timeouts: whole,
    strayAnswers: whole,
    framesInvalid: whole,
  }),
});

const recorderCounts = {
  framesDelivered: whole,
  framesRecorded: whole,
  framesDroppedByRecorder: whole,
  framesNotAsked: whole,
};

const recordingSummary = record<RecordingSummary>({
  name: text,
  complete: flag,
  ...recorderCounts,
  bytes: whole,
  cause: text,
  error: nullable(errorBody),
});

export const recordingStatus = record<RecordingStatus>({
  directory: text,
  everySeries: flag,
  next: flag,
  current: nullable(
    record<RecordingProgress>({
      name: text,
      series: whole,
      startedAt: real,
      state: oneOf('recording', 'finishing', 'failed'),
      histograms: flag,
      frameLimit: nullable(whole),
      ...recorderCounts,
      bytes: whole,
      queueBytes: whole,
      queueHighWaterBytes: whole,
      queueLimitBytes: whole,
    }),
  ),
  last: nullable(recordingSummary),
  error: nullable(errorBody),
});

export const recordingList = record<{ directory: string; recordings: RecordingFile[] }>({
  directory: text,
  recordings: list(record<RecordingFile>({ name: text, bytes: whole, modifiedAt: real, complete: flag })),
});

export const status: Check<DaemonStatus> = record<DaemonStatus>({
  version: text,
  uptimeS: real,
  now: real,
  state: record<DaemonStatus['state']>({
    name: runState,
    since: real,
    cause: text,
    error: nullable(errorBody),
  }),
  camera: nullable(camera),
  model: nullable(model),
  lifetime: record<DaemonStatus['lifetime']>({
    mode,
    source: nullable(source),
    reason: nullable(text),
    shadow: nullable(record({ frames: whole, pixels: whole, mismatchedPixels: whole })),
    kernel: nullable(text),
  }),
  series: nullable(record({ id: whole, uid: text, startedAt: real, counters })),
  lastRun: nullable(
    record({
      id: whole,
      uid: text,
      reason: endReason,
      cause: optional(text),
      counters,
      conservation,
      recording: optional(nullable(recordingSummary)),
    }),
  ),
  rates: record({ framesPerSecond: real, photonsPerSecond: real }),
  latencyMs: nullable(record({ p50: real, p99: real })),
  telemetry: nullable(
    record({
      temperatureC: real,
      biasV: real,
      photonRateHz: real,
      peakPixelRateHz: real,
      laserRateHz: real,
    }),
  ),
  diagnostics: optional(
    nullable(
      record({
        sourceRevision: nullable(text),
        errors: list(text),
        linkStallCycles: whole,
        eventsDropped: whole,
        eventsSaturated: whole,
      }),
    ),
  ),
  slowControl: optional(nullable(slowControl)),
  recording: optional(recordingStatus),
  stream: record<DaemonStatus['stream']>({
    clients: whole,
    framesEncoded: whole,
    framesSent: whole,
    framesSkipped: whole,
    bytesSent: optional(whole),
  }),
});

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** The shape of every message the daemon sends, by its `type`. */
export const messageShapes: { [Type in ServerMessage['type']]: Check<MessageOf<Type>> } = {
  start: record<MessageOf<'start'>>({
    type: oneOf('start'),
    protocol: oneOf(STREAM_SUBPROTOCOL),
    series: whole,
    uid: text,
    startedAt: real,
    camera,
    model: nullable(model),
    mode,
    source,
    sourceReason: nullable(text),
    deconvolvedReason: nullable(text),
    planes: list(record<PlaneDescription>({ name: text, type: oneOf('u8', 'u16', 'u32'), unit: text })),
  }),
  frame: record<MessageOf<'frame'>>({
    type: oneOf('frame'),
    series: whole,
    uid: text,
    frame: whole,
    width: whole,
    height: whole,
    source,
    bitstreamId: text,
    modelHash: nullable(text),
    complete: flag,
    rowsValid: nullable(bytes),
    startTicks: real,
    endTicks: real,
    completedAt: real,
    sentAt: real,
    mismatchedPixels: nullable(whole),
    planes: dictionary(bytes),
  }),
  end: record<MessageOf<'end'>>({
    type: oneOf('end'),
    series: whole,
    uid: text,
    reason: endReason,
    cause: optional(text),
    counters,
    conservation,
    recording: optional(nullable(recordingSummary)),
  }),
  decay: record<MessageOf<'decay'>>({
    type: oneOf('decay'),
    series: whole,
    frame: whole,
    x: whole,
    y: whole,
    width: whole,
    height: whole,
    binWidthPs: real,
    counts: bytes,
    deconvolved: nullable(
      record<DeconvolvedDecay>({
        startPs: real,
        stepPs: real,
        values: list(real),
        frames: whole,
        photons: whole,
      }),
    ),
    deconvolvedReason: nullable(text),
  }),
  status: record<MessageOf<'status'>>({
    type: oneOf('status'),
    status,
    client: record({ framesSent: whole, framesSkipped: whole, policy: oneOf('latest') }),
  }),
  error: record<MessageOf<'error'>>({ type: oneOf('error'), error: errorBody }),
  clock: record<MessageOf<'clock'>>({ type: oneOf('clock'), clientTime: real, serverTime: real }),
};
