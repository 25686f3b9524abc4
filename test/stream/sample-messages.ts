import {
  type CameraDescription,
  type DaemonStatus,
  defaultStreamPlanes,
  type EndMessage,
  type FrameMessage,
  type ModelDescription,
  type RecordingSummary,
  type RunCounters,
  type StartMessage,
  streamPlanes,
} from '../../src/protocol/stream.js';

export const camera: CameraDescription = {
  uri: 'sim:',
  kind: 'virtual',
  serial: 'SIM-1',
  firmware: '1.0.0',
  bitstreamId: 'b17c0ffee0000001',
  width: 128,
  height: 128,
  bins: 256,
  binWidthPs: 48.828,
  laserPeriodPs: 12500,
  outputs: ['lifetimes', 'histograms'],
  modelHash: '0123456789abcdef',
  tickHz: 100_000_000,
};

export const model: ModelDescription = {
  name: 'cells-12.5ns-32',
  hash: '0123456789abcdef',
  gates: 32,
  hidden: 32,
  laserPeriodPs: 12500,
  lifetimeRangePs: [200, 5000],
  minPhotons: 20,
};

export const counters: RunCounters = {
  packetsSent: 1000,
  packetsReceived: 990,
  packetsLost: 10,
  packetsDuplicated: 1,
  packetsReordered: 2,
  packetsLate: 0,
  packetsInvalid: 3,
  packetsForeign: 0,
  bytesSkipped: 144,
  bytesReceived: 5_000_000_000,
  framesReceived: 60,
  framesPublished: 59,
  framesPartial: 4,
  framesRejected: 1,
  framesDropped: 1,
  framesTimedOut: 4,
  framesMissing: 0,
  framesDroppedByDevice: 0,
  poolHighWater: 5,
};

export function startMessage(series = 1, size: { width: number; height: number } = camera): StartMessage {
  return {
    type: 'start',
    protocol: 'flimd.v1',
    series,
    uid: `uid-${series}`,
    startedAt: 1_760_000_000_000,
    camera: { ...camera, ...size },
    model,
    mode: 'device',
    source: 'host',
    sourceReason: 'the bitstream has no network',
    deconvolvedReason: 'the model package has no decoder',
    planes: streamPlanes.filter(({ name }) => defaultStreamPlanes.includes(name)),
  };
}

/** A frame whose pixels all differ and depend on its number; a seed of its own needs no random numbers. */
export function frameMessage(
  frame: number,
  options: { series?: number; width?: number; height?: number; partial?: boolean } = {},
): Omit<FrameMessage, 'sentAt'> {
  const { series = 1, width = 128, height = 128, partial = false } = options;
  const pixels = width * height;
  const lifetimes = Uint16Array.from({ length: pixels }, (_, i) => (i * 7 + frame * 13) & 0xffff);
  const photons = Uint32Array.from({ length: pixels }, (_, i) => i * 65_537 + frame);
  return {
    type: 'frame',
    series,
    uid: `uid-${series}`,
    frame,
    width,
    height,
    source: 'host',
    bitstreamId: camera.bitstreamId,
    modelHash: model.hash,
    complete: !partial,
    rowsValid: partial ? Uint8Array.from({ length: height }, (_, y) => y % 2) : null,
    startTicks: 2 ** 40 + frame,
    endTicks: 2 ** 40 + frame + 1,
    completedAt: 1_760_000_000_123.25,
    mismatchedPixels: null,
    planes: {
      meanLifetimeAmplitude: new Uint8Array(lifetimes.buffer),
      meanLifetimeIntensity: new Uint8Array(lifetimes.buffer.slice(0)),
      photons: new Uint8Array(photons.buffer),
    },
  };
}

/** The same series with standard errors. */
export function startWithErrors(series = 1, size: { width: number; height: number } = camera): StartMessage {
  return { ...startMessage(series, size), planes: [...streamPlanes] };
}

export function frameWithErrors(
  ...parameters: Parameters<typeof frameMessage>
): Omit<FrameMessage, 'sentAt'> {
  const frame = frameMessage(...parameters);
  const errors = (factor: number): Uint8Array =>
    new Uint8Array(
      Uint16Array.from({ length: frame.width * frame.height }, (_, i) => 1 + ((factor * i) % 999)).buffer,
    );
  const planes = { ...frame.planes, standardErrorAmplitude: errors(3), standardErrorIntensity: errors(5) };
  return { ...frame, planes };
}

export const recording: RecordingSummary = {
  name: '2025-10-09-085320Z-1.h5',
  complete: true,
  framesDelivered: 59,
  framesRecorded: 58,
  framesDroppedByRecorder: 1,
  framesNotAsked: 0,
  bytes: 5_000_000_000,
  cause: 'stopped by a verb',
  error: null,
};

export function endMessage(series = 1): EndMessage {
  return {
    type: 'end',
    series,
    uid: `uid-${series}`,
    reason: 'stopped',
    cause: 'stopped by a verb',
    counters,
    conservation: [
      { law: 'packetsSent = packetsReceived + packetsLost', left: 1000, right: 1000, holds: true },
    ],
    recording,
  };
}

export function daemonStatus(): DaemonStatus {
  return {
    version: '0.1.0',
    uptimeS: 12.5,
    now: 1_760_000_000_000,
    state: { name: 'acquiring', since: 1_760_000_000_000, cause: 'start', error: null },
    camera,
    model,
    lifetime: { mode: 'device', source: 'host', reason: null, shadow: null, kernel: 'avx2' },
    series: { id: 1, uid: 'uid-1', startedAt: 1_760_000_000_000, counters },
    lastRun: null,
    rates: { framesPerSecond: 20, photonsPerSecond: 1e6 },
    latencyMs: { p50: 3.5, p99: 9 },
    telemetry: {
      temperatureC: 25.5,
      biasV: 23.1,
      photonRateHz: 1_000_000,
      peakPixelRateHz: 5000,
      laserRateHz: 80_000_000,
    },
    diagnostics: {
      sourceRevision: null,
      errors: ['eventsLost'],
      linkStallCycles: 12,
      eventsDropped: 3,
      eventsSaturated: 0,
    },
    slowControl: {
      port: '/dev/ttyUSB0',
      connected: true,
      serial: 'SIM-TEST',
      firmware: '1.2.3',
      bias: 'on',
      values: { sensorBiasMv: 23_100, sensorTemperatureMc: -5000 },
      limits: { gateDelayPs: [0, 50_000] },
      alarms: ['laserSyncLost'],
      error: null,
      line: { requests: 20, retries: 1, timeouts: 0, strayAnswers: 1, framesInvalid: 2 },
    },
    recording: {
      directory: '/data/recordings',
      everySeries: false,
      next: false,
      current: {
        name: '2025-10-09-090000Z-1.h5',
        series: 1,
        startedAt: 1_760_000_000_000,
        state: 'recording',
        histograms: true,
        frameLimit: null,
        framesDelivered: 12,
        framesRecorded: 10,
        framesDroppedByRecorder: 1,
        framesNotAsked: 0,
        bytes: 5_000_000_000,
        queueBytes: 1000,
        queueHighWaterBytes: 2000,
        queueLimitBytes: 300_000,
      },
      last: recording,
      error: null,
    },
    stream: { clients: 1, framesEncoded: 10, framesSent: 10, framesSkipped: 0, bytesSent: 5_000_000 },
  };
}
