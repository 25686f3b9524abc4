// Records made frames as fast as it can and prints how many are in the file, until it is killed or the disk fails.
// Usage: node write-until-killed.mjs FILE PAUSE_MS
import { Recorder } from '../../dist/recording/recorder.js';

const [file, pauseMs] = [process.argv[2], Number(process.argv[3])];
const [width, height, bins] = [64, 48, 16];
const pixels = width * height;
const header = {
  software: 'flimd test',
  uid: 'killed',
  series: 1,
  seriesStartedAt: 0,
  recordingStartedAt: 0,
  notes: '',
  mode: 'device',
  source: 'device',
  camera: { width, height, bins, binWidthPs: 100, laserPeriodPs: 12500, tickHz: 1e6, bitstreamId: 'b' },
  model: null,
  modelHash: null,
  configuration: {},
  planes: ['meanLifetimeAmplitude', 'photons'],
  histograms: true,
};
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const recorder = await Recorder.open({
  file,
  header,
  compression: 0,
  flushMs: 10,
  minFreeBytes: 0,
  queueBytes: 32 << 20,
  stallMs: 30_000,
  onFailed: (error) => say({ failed: error.toJSON(), counts: recorder.counts }),
});
const filled = (Type, length, value) => {
  const values = new Type(length).fill(value);
  return new Uint8Array(values.buffer);
};
let told = 0;
for (let frame = 0; !recorder.failure; frame++) {
  recorder.offer({
    frame,
    startTicks: frame * 10,
    endTicks: frame * 10 + 9,
    completedAt: frame,
    complete: true,
    source: 'device',
    mismatchedPixels: null,
    rowsValid: null,
    planes: {
      meanLifetimeAmplitude: filled(Uint16Array, pixels, frame),
      photons: filled(Uint32Array, pixels, frame + 100_000),
    },
    histograms: filled(Uint16Array, pixels * bins, frame),
  });
  const recorded = recorder.counts.framesRecorded;
  if (recorded > told) say({ recorded: (told = recorded) });
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
say({ result: await recorder.finish((counts) => ({ finished: true, recorder: counts })) });
