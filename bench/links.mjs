// The daemon's PCIe path beside a bare C reader of the same node: packets of 512 KiB from the virtual camera's c2h_0
// (FUSE, this machine), read with 1 MiB buffers. Both get the same camera process, one after the other, alternating.
// The daemon's side is its own: device thread → decoder → frame assembly in shared memory, with the frames released by
// the main thread, whose event-loop delay is measured meanwhile. Needs root and /dev/fuse; prints one JSON object.
// FLIMD_BENCH_SECONDS sets the length of each measurement (default 3).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Camera } from '../dist/camera/camera.js';
import { compile, runReader } from './bare-reader.mjs';
import { idle, median, processorSeconds, readThroughDaemon, rounded, startSeries } from './daemon-reader.mjs';

const seconds = Number(process.env.FLIMD_BENCH_SECONDS ?? 3);
const ROUNDS = 3;
const main = path.resolve(import.meta.dirname, '../dist/cli/main.js');
// Rows of 64 KiB, eight of them a packet: as large as the virtual camera makes them.
const geometry = { width: 512, height: 64, bins: 64 };

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

/** Bytes a second of the C reader, over the same time; it reads before the camera starts. */
async function bareReader(program, camera, device, series, cameraPid) {
  let from, cpuBefore;
  const { bytesPerSecond } = await runReader(program, [`${device}_c2h_0`, String(seconds)], async () => {
    await idle(camera);
    await startSeries(camera, series);
    from = performance.now();
    cpuBefore = processorSeconds(cameraPid);
  });
  const elapsed = (performance.now() - from) / 1000;
  const cameraCpu = (processorSeconds(cameraPid) - cpuBefore) / elapsed;
  await idle(camera);
  return { bytesPerSecond, cameraCpu };
}

async function measure(folder, program) {
  const { child, device } = await startCamera(path.join(folder, 'nodes'));
  try {
    return await alternate(program, child, device);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

async function alternate(program, child, device) {
  const target = { kind: 'pcie', device };
  const camera = await Camera.open(target);
  const order = { geometry, seconds, pids: [process.pid, child.pid], stop: 'abort' };
  const bare = [];
  const daemon = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareReader(program, camera, device, 2 * round + 1, child.pid));
    daemon.push(await readThroughDaemon(camera, target, { ...order, series: 2 * round + 2 }));
  }
  await camera.close();
  return summary(bare, daemon);
}

function summary(bare, daemon) {
  const bareRate = median(bare.map((each) => each.bytesPerSecond));
  const daemonRate = median(daemon.map((each) => each.bytesPerSecond));
  return {
    bareReaderMBps: rounded(bareRate / 1e6, 0),
    daemonMBps: rounded(daemonRate / 1e6, 0),
    ratio: rounded(daemonRate / bareRate),
    processorsOfDaemonPath: rounded(median(daemon.map((each) => each.processors[0]))),
    // Below 1 the camera could have sent more, had it been given a processor: on a shared machine the ratio of rates
    // is also one of processor time, and this one, of bytes per second of the camera's processor, is the fairer.
    processorsOfCamera: rounded(median(daemon.map((each) => each.processors[1]))),
    processorsOfCameraBare: rounded(median(bare.map((each) => each.cameraCpu))),
    ratioPerCameraProcessor: rounded(
      median(daemon.map((each) => each.bytesPerSecond / each.processors[1])) /
        median(bare.map((each) => each.bytesPerSecond / each.cameraCpu)),
    ),
    processorsOfOthers: rounded(Math.max(...daemon.map((each) => each.processorsOfOthers))),
    loadAverage: rounded(loadavg()[0]),
    roundsMBps: bare.map((each, i) => [each, daemon[i]].map((side) => rounded(side.bytesPerSecond / 1e6, 0))),
    eventLoopDelayP99Ms: rounded(Math.max(...daemon.map((each) => each.delayP99Ms))),
    packetsLost: daemon.reduce((sum, each) => sum + each.packetsLost, 0),
  };
}

async function bench() {
  const why = unavailable();
  if (why) return { pcie: null, skipped: why };
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-bench-'));
  try {
    const { program, problem } = compile('links-reader', folder);
    if (problem) return { pcie: null, skipped: problem };
    return { pcie: await measure(folder, program) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(
  JSON.stringify({ node: 'c2h_0 over FUSE', packetBytes: 524336, secondsEach: seconds, ...(await bench()) }),
);
