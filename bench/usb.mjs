// The daemon's USB path beside a bare C reader of the same camera, both with 4 transfers of 1 MiB in flight, one
// after the other, alternating: histograms as fast as the camera sends them. The daemon's side is its own: libusb in
// the acquisition's worker → decoder → frame assembly in shared memory, with the frames released by the main thread,
// whose event-loop delay is measured meanwhile. Both must see every packet that the camera says it has sent.
// Needs Linux and one USB camera (`flimd devices`); a virtual one over USB/IP will do. Prints one JSON object.
// FLIMD_BENCH_SECONDS sets the length of each measurement (default 3), FLIMD_BENCH_ROUNDS their number (default 3).
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { Camera } from '../dist/camera/camera.js';
import { discoverDevices } from '../dist/link/discovery.js';
import { parseCameraUri } from '../dist/link/camera-uri.js';
import { findUsbDevice } from '../dist/link/usb-discovery.js';
import { compile, runReader } from './bare-reader.mjs';
import { idle, median, readThroughDaemon, rounded, startSeries } from './daemon-reader.mjs';

const seconds = Number(process.env.FLIMD_BENCH_SECONDS ?? 3);
const rounds = Number(process.env.FLIMD_BENCH_ROUNDS ?? 3);
/** Of the bare reader, which measures after as long a warm-up as the daemon's side has. */
const WARM_UP_SECONDS = 0.5;

/** The one camera that can be opened, or why there is none to measure. */
async function onlyCamera() {
  if (process.platform !== 'linux') return { skipped: 'usbfs is of Linux' };
  const cameras = (await discoverDevices()).filter(({ link }) => link === 'usb');
  if (cameras.length === 0) return { skipped: 'no USB camera is plugged in' };
  if (cameras.length > 1) return { skipped: `there are ${cameras.length} USB cameras, one is wanted` };
  const [{ uri, problem }] = cameras;
  return problem ? { skipped: problem.message } : { uri };
}

const nodeOf = ({ busNumber, deviceAddress }) =>
  `/dev/bus/usb/${[busNumber, deviceAddress].map((number) => String(number).padStart(3, '0')).join('/')}`;

async function bare(program, camera, node, series) {
  let stopping;
  const stop = () => (stopping = camera.stop());
  const result = await runReader(program, [node, String(seconds)], async () => {
    await idle(camera);
    await startSeries(camera, series);
    setTimeout(stop, (2 * WARM_UP_SECONDS + seconds) * 1000);
  });
  await stopping;
  await idle(camera);
  return { ...result, packetsSent: (await camera.readCounters()).packetsSent };
}

async function measure(uri, program) {
  const target = parseCameraUri(uri);
  const camera = await Camera.open(target);
  const { width, height, bins, outputs } = camera.description;
  if (!outputs.includes('histograms')) {
    await camera.close();
    return { usb: null, skipped: 'the camera sends no histograms' };
  }
  const node = nodeOf(await findUsbDevice(target));
  const order = { geometry: { width, height, bins }, seconds, pids: [process.pid], stop: 'stop' };
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push({
      bare: await bare(program, camera, node, 2 * round + 1),
      daemon: await readThroughDaemon(camera, target, { ...order, series: 2 * round + 2 }),
    });
  }
  await camera.close();
  return { usb: summary(pairs) };
}

function summary(pairs) {
  const rate = (side) => median(pairs.map((pair) => pair[side].bytesPerSecond));
  const sumOf = (side, name) => pairs.reduce((sum, pair) => sum + pair[side][name], 0);
  const packets = (side) => ({
    sent: sumOf(side, 'packetsSent'),
    received: sumOf(side, 'packetsReceived'),
    lost: sumOf(side, 'packetsLost'),
  });
  return {
    bareReaderMBps: rounded(rate('bare') / 1e6, 1),
    daemonMBps: rounded(rate('daemon') / 1e6, 1),
    ratio: rounded(rate('daemon') / rate('bare')),
    processorsOfDaemonPath: rounded(median(pairs.map(({ daemon }) => daemon.processors[0]))),
    loadAverage: rounded(loadavg()[0]),
    eventLoopDelayP99Ms: rounded(Math.max(...pairs.map(({ daemon }) => daemon.delayP99Ms))),
    eventLoopDelaySamples: sumOf('daemon', 'delaySamples'),
    packets: { bare: packets('bare'), daemon: packets('daemon') },
    // Of the first frames, which a virtual camera makes the same in every series.
    checksums: pairs.map((pair) => [pair.bare.checksum, pair.daemon.checksum]),
  };
}

async function bench() {
  const { uri, skipped } = await onlyCamera();
  if (skipped) return { usb: null, skipped };
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-bench-'));
  try {
    const { program, problem } = compile('usb-reader', folder);
    return problem ? { usb: null, skipped: problem } : await measure(uri, program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const result = await bench();
console.log(JSON.stringify({ transfers: '4 of 1 MiB', secondsEach: seconds, ...result }));
// The USB library keeps a thread for announcements.
process.exit(0);
