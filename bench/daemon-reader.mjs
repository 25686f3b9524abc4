// The daemon's own path from a camera's link to frames, as a benchmark drives it: the acquisition's worker reads,
// decodes and assembles in shared memory; this thread releases the frames, and its event-loop delay is measured.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Acquisition } from '../dist/acquisition/acquisition.js';
import { nativeCrc32c } from '../dist/lifetime/native.js';

export const HISTOGRAMS = 2;
export const ROWS_PER_PACKET = 8;
/** Frames whose checksums are taken, to compare what two readers saw. */
export const CHECKED_FRAMES = 8;
const WARM_UP_MS = 500;
const DELAY_RESOLUTION_MS = 1;

export const rounded = (value, digits = 2) => Number(value.toFixed(digits));
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function idle(camera) {
  while ((await camera.readState()).state !== 'idle') await pause(5);
}

/** Arms and starts: histograms, as fast as the link takes them, until stopped. */
export async function startSeries(camera, series) {
  await camera.arm({
    series,
    output: HISTOGRAMS,
    frameLimit: 0,
    framePeriodUs: 0,
    rowsPerPacket: ROWS_PER_PACKET,
  });
  await camera.start();
}

/** Processor time of a process so far, s. */
export function processorSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Processor time that the whole machine has spent so far, s. */
function busySeconds() {
  const [user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'utf8').match(/\d+/g).map(Number);
  return (user + nice + system + irq + softIrq) / 100;
}

/**
 * Measures for `seconds` after a warm-up. `pids` are the processes whose share of the processors is wanted;
 * `stop` ends the series in the camera: `abort` at once, `stop` with all that was begun.
 */
export async function readThroughDaemon(camera, target, { series, geometry, seconds, pids = [], stop }) {
  const acquisition = await Acquisition.start({ poolSlots: 8 });
  await acquisition.connect(target);
  await idle(camera);
  const checked = new Map();
  let pool = null;
  acquisition.on('frame', ({ slot, frame }) => {
    if (frame < CHECKED_FRAMES) checked.set(frame, sumOfChecksums(pool.slots[slot].histograms, geometry));
    acquisition.release(slot);
  });
  let latest = null;
  acquisition.on('counters', ({ bytesReceived: bytes }) => (latest = { bytes, at: performance.now() }));
  pool = await acquisition.beginSeries({
    series,
    geometry,
    expect: { lifetimes: false, standardErrors: false, histograms: true },
  });
  await startSeries(camera, series);
  await pause(WARM_UP_MS);
  while (checked.size < CHECKED_FRAMES || !latest) await pause(5);
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const from = { ...latest, cpu: pids.map(processorSeconds), busy: busySeconds(), cpuAt: performance.now() };
  await pause(seconds * 1000);
  const cpuElapsed = (performance.now() - from.cpuAt) / 1000;
  const processors = pids.map((pid, i) => (processorSeconds(pid) - from.cpu[i]) / cpuElapsed);
  const busy = (busySeconds() - from.busy) / cpuElapsed;
  const bytesPerSecond = ((latest.bytes - from.bytes) / (latest.at - from.at)) * 1000;
  delay.disable();
  await camera[stop]();
  await idle(camera);
  const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
  const totals = { packetsSent, framesSent, framesDroppedByDevice: framesDropped };
  const counters = await acquisition.endSeries(totals);
  await acquisition.close();
  return {
    bytesPerSecond,
    processors,
    // Of all but `pids`: where it is not near 0, the machine was used by others.
    processorsOfOthers: processors.reduce((rest, each) => rest - each, busy),
    // The histogram's values are times between ticks of the timer, not what they are late by.
    delayP99Ms: delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS,
    delaySamples: delay.count,
    packetsSent,
    packetsReceived: counters.packetsReceived,
    packetsLost: counters.packetsLost,
    checksum: [...checked.values()].reduce((sum, each) => (sum + each) >>> 0, 0),
  };
}

/** Of the payloads of a frame's packets. */
function sumOfChecksums(histograms, { width, height, bins }) {
  const bytes = new Uint8Array(histograms.buffer, histograms.byteOffset, histograms.byteLength);
  const rowBytes = 2 * width * bins;
  let sum = 0;
  for (let row = 0; row < height; row += ROWS_PER_PACKET) {
    const band = bytes.subarray(row * rowBytes, Math.min(row + ROWS_PER_PACKET, height) * rowBytes);
    sum = (sum + nativeCrc32c(band)) >>> 0;
  }
  return sum;
}
