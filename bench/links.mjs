// The daemon's PCIe path beside a bare C reader of the same node: packets of 512 KiB from the virtual camera's c2h_0
// (FUSE, this machine), read with 1 MiB buffers. Both get the same camera process, one after the other, alternating.
// The daemon's side is its own: device thread → decoder → frame assembly in shared memory, with the frames released by
// the main thread, whose event-loop delay is measured meanwhile. Needs root and /dev/fuse; prints one JSON object.
// FLIMD_BENCH_SECONDS sets the length of each measurement (default 3).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { Acquisition } from '../dist/acquisition/acquisition.js';
import { Camera } from '../dist/camera/camera.js';

const seconds = Number(process.env.FLIMD_BENCH_SECONDS ?? 3);
const ROUNDS = 3;
const main = path.resolve(import.meta.dirname, '../dist/cli/main.js');
const source = path.resolve(import.meta.dirname, 'links-reader.c');
// Rows of 64 KiB, eight of them a packet: as large as the virtual camera makes them.
const geometry = { width: 512, height: 64, bins: 64 };
const HISTOGRAMS = 2;
const rounded = (value, digits = 2) => Number(value.toFixed(digits));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function unavailable() {
  try {
    accessSync('/dev/fuse');
  } catch {
    return 'no /dev/fuse';
  }
  return process.getuid() === 0 ? null : 'mounting the nodes needs root';
}

async function startCamera(folder) {
  const flags = Object.entries(geometry).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(
    process.execPath,
    [
      main,
      'sim',
      '--listen',
      `xdma:${folder}`,
      ...flags,
      '--fps',
      '0',
      '--cache-frames',
      '4',
      '--outputs',
      'histograms',
      '--photons',
      '50',
      '--json',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, device: JSON.parse(line).uri.replace('pcie:', '') };
}

const settings = (series) => ({
  series,
  output: HISTOGRAMS,
  frameLimit: 0,
  framePeriodUs: 0,
  rowsPerPacket: 8,
});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const idle = async (camera) => {
  while ((await camera.readState()).state !== 'idle') await pause(5);
};

/** Processor time of a process so far, s. */
function processorSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes a second into frames of the pool, and the delay of this thread's event loop. */
async function daemonPath(camera, target, series, cameraPid) {
  const acquisition = await Acquisition.start({ poolSlots: 8 });
  await acquisition.connect(target);
  await idle(camera);
  acquisition.on('frame', ({ slot }) => acquisition.release(slot));
  let counters = null;
  acquisition.on('counters', (now) => (counters = now));
  await acquisition.beginSeries({
    series,
    geometry,
    expect: { lifetimes: false, standardErrors: false, histograms: true },
  });
  await camera.arm(settings(series));
  await camera.start();
  await pause(500);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = counters.bytesReceived;
  const from = performance.now();
  const cpuBefore = [process.pid, cameraPid].map(processorSeconds);
  await pause(seconds * 1000);
  const elapsed = (performance.now() - from) / 1000;
  const cpu = [process.pid, cameraPid].map((pid, i) => (processorSeconds(pid) - cpuBefore[i]) / elapsed);
  const bytesPerSecond = (counters.bytesReceived - before) / elapsed;
  delay.disable();
  await camera.abort();
  await idle(camera);
  const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
  const final = await acquisition.endSeries({
    packetsSent,
    framesSent,
    framesDroppedByDevice: framesDropped,
  });
  await acquisition.close();
  return { bytesPerSecond, cpu, delayP99Ms: delay.percentile(99) / 1e6 - 1, packetsLost: final.packetsLost };
}

/** Bytes a second of the C reader, over the same time; it starts reading before the camera starts. */
async function bareReader(program, camera, device, series, cameraPid) {
  const child = spawn(program, [`${device}_c2h_0`, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  await idle(camera);
  await camera.arm(settings(series));
  await camera.start();
  const from = performance.now();
  const cpuBefore = processorSeconds(cameraPid);
  const [line] = await once(createInterface(child.stdout), 'line');
  const cameraCpu = ((processorSeconds(cameraPid) - cpuBefore) / (performance.now() - from)) * 1000;
  if (child.exitCode === null) await once(child, 'exit');
  await idle(camera);
  return { bytesPerSecond: JSON.parse(line).bytesPerSecond, cameraCpu };
}

async function measure(folder, program) {
  const { child, device } = await startCamera(path.join(folder, 'nodes'));
  const target = { kind: 'pcie', device };
  const camera = await Camera.open(target);
  const bare = [];
  const daemon = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareReader(program, camera, device, 2 * round + 1, child.pid));
    daemon.push(await daemonPath(camera, target, 2 * round + 2, child.pid));
  }
  await camera.close();
  child.kill('SIGTERM');
  await once(child, 'exit');
  const bareRate = median(bare.map((each) => each.bytesPerSecond));
  const daemonRate = median(daemon.map((each) => each.bytesPerSecond));
  return {
    bareReaderMBps: rounded(bareRate / 1e6, 0),
    daemonMBps: rounded(daemonRate / 1e6, 0),
    ratio: rounded(daemonRate / bareRate),
    processorsOfDaemonPath: rounded(median(daemon.map((each) => each.cpu[0]))),
    // Below 1 the camera could have sent more, had it been given a processor: on a shared machine the ratio of rates
    // is also one of processor time, and this one, of bytes per second of the camera's processor, is the fairer.
    processorsOfCamera: rounded(median(daemon.map((each) => each.cpu[1]))),
    processorsOfCameraBare: rounded(median(bare.map((each) => each.cameraCpu))),
    ratioPerCameraProcessor: rounded(
      median(daemon.map((each) => each.bytesPerSecond / each.cpu[1])) /
        median(bare.map((each) => each.bytesPerSecond / each.cameraCpu)),
    ),
    loadAverage: rounded(loadavg()[0]),
    eventLoopDelayP99Ms: rounded(Math.max(...daemon.map((each) => each.delayP99Ms))),
    packetsLost: daemon.reduce((sum, each) => sum + each.packetsLost, 0),
  };
}

async function bench() {
  const why = unavailable();
  if (why) return { pcie: null, skipped: why };
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-bench-'));
  try {
    const program = path.join(folder, 'reader');
    const compiled = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
    if (compiled.status !== 0) return { pcie: null, skipped: `no C compiler: ${compiled.stderr ?? ''}` };
    return { pcie: await measure(folder, program) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(
  JSON.stringify({ node: 'c2h_0 over FUSE', packetBytes: 524336, secondsEach: seconds, ...(await bench()) }),
);
