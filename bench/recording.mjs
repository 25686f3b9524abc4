// How fast the recorder writes: frames of 128 × 128 pixels with all five planes, alone and with 64 bins of histograms,
// offered as fast as its queue takes them, until the file is complete and on the disk. Beside it, in the same run, a
// bare write of the same bytes with node:fs, synced as well. Prints JSON. Needs `npm run build:ts`.
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Recorder } from '../dist/recording/recorder.js';

const [WIDTH, HEIGHT, BINS] = [128, 128, 64];
const PIXELS = WIDTH * HEIGHT;
const PLANES = [
  'meanLifetimeAmplitude',
  'meanLifetimeIntensity',
  'photons',
  'standardErrorAmplitude',
  'standardErrorIntensity',
];
const folder = mkdtempSync(path.join(tmpdir(), 'flimd-bench-'));

const bytesOf = (values) => new Uint8Array(values.buffer);
const noise = (spread) => (Math.random() + Math.random() + Math.random() - 1.5) * spread;
const around = (mean, spread) =>
  Uint16Array.from({ length: PIXELS }, () => Math.max(1, Math.round(mean + noise(spread))));

/** As noisy as a real one, since noise is what cannot be compressed; a quarter of the pixels has no lifetime. */
function madeFrame(histograms) {
  const lifetimes = (mean) => around(mean, 400).map((value, pixel) => (pixel % 4 === 0 ? 0 : value));
  const decay = (at) => Math.max(0, Math.round(20 * Math.exp(-(at % BINS) / 16) + noise(6)));
  return {
    frame: 0,
    startTicks: 0,
    endTicks: 1,
    completedAt: 0,
    complete: true,
    source: 'device',
    mismatchedPixels: null,
    rowsValid: null,
    planes: {
      meanLifetimeAmplitude: bytesOf(lifetimes(2300)),
      meanLifetimeIntensity: bytesOf(lifetimes(2600)),
      photons: bytesOf(Uint32Array.from({ length: PIXELS }, () => Math.max(0, Math.round(350 + noise(60))))),
      standardErrorAmplitude: bytesOf(around(180, 60)),
      standardErrorIntensity: bytesOf(around(160, 60)),
    },
    histograms: histograms
      ? bytesOf(Uint16Array.from({ length: PIXELS * BINS }, (_, at) => decay(at)))
      : null,
  };
}

const partsOf = (frame) => [...Object.values(frame.planes), ...(frame.histograms ? [frame.histograms] : [])];

function headerOf(histograms) {
  const camera = { width: WIDTH, height: HEIGHT, bins: BINS, binWidthPs: 195.3125, laserPeriodPs: 12500 };
  return {
    software: 'flimd bench',
    uid: 'bench',
    series: 1,
    seriesStartedAt: 0,
    recordingStartedAt: 0,
    notes: '',
    mode: 'device',
    source: 'device',
    camera: { ...camera, tickHz: 1e9, bitstreamId: '' },
    model: null,
    modelHash: null,
    configuration: {},
    planes: PLANES,
    histograms,
  };
}

async function record(frame, frames, compression) {
  const file = path.join(folder, 'bench.h5');
  const recorder = await Recorder.open({
    file,
    header: headerOf(frame.histograms !== null),
    compression,
    flushMs: 1000,
    minFreeBytes: 0,
    queueBytes: 64 << 20,
    stallMs: 60_000,
    onFailed: (error) => {
      throw error;
    },
  });
  const room = () => recorder.queue.limitBytes - recorder.queue.bytes;
  const frameBytes = partsOf(frame).reduce((sum, part) => sum + part.length, 0);
  let offeringMs = 0;
  const began = performance.now();
  for (let number = 0; number < frames; number++) {
    while (room() < 2 * frameBytes) await pause(1);
    const offered = performance.now();
    recorder.offer({ ...frame, frame: number });
    offeringMs += performance.now() - offered;
  }
  const { framesRecorded } = await recorder.finish((counts) => ({ finished: true, recorder: counts }));
  const seconds = (performance.now() - began) / 1000;
  if (framesRecorded !== frames) throw new Error(`${framesRecorded} of ${frames} frames recorded`);
  const { size } = statSync(file);
  rmSync(file);
  return {
    framesPerSecond: frames / seconds,
    megabytesPerSecond: (frames * frameBytes) / 1e6 / seconds,
    fileOfRawBytes: size / (frames * frameBytes),
    mainThreadMsPerFrame: offeringMs / frames,
  };
}

/** The same bytes into a plain file, synced at the end as a recording is. */
function bareWrite(frame, frames) {
  const file = path.join(folder, 'bare.bin');
  const opened = openSync(file, 'w');
  const began = performance.now();
  for (let number = 0; number < frames; number++) for (const part of partsOf(frame)) writeSync(opened, part);
  fsyncSync(opened);
  const seconds = (performance.now() - began) / 1000;
  closeSync(opened);
  rmSync(file);
  return frames / seconds;
}

async function compare(histograms, frames, compression) {
  const frame = madeFrame(histograms);
  const before = bareWrite(frame, frames);
  const recorded = await record(frame, frames, compression);
  const bareFramesPerSecond = (before + bareWrite(frame, frames)) / 2;
  return {
    frames,
    compression,
    ...recorded,
    bareFramesPerSecond,
    ofBareWrite: recorded.framesPerSecond / bareFramesPerSecond,
  };
}

try {
  const maps = await compare(false, 2000, 0);
  const mapsDeflated = await compare(false, 200, 1);
  const histograms = await compare(true, 200, 0);
  const histogramsDeflated = await compare(true, 40, 1);
  process.stdout.write(
    `${JSON.stringify({ width: WIDTH, height: HEIGHT, bins: BINS, maps, mapsDeflated, histograms, histogramsDeflated }, null, 2)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
