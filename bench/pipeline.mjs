// The whole path: virtual camera → link → decoder → assembler → lifetimes → encoding → WebSocket → client,
// daemon and camera in one process as a user runs them, the client here. 128 × 128 pixels, 32 detector bins.
// The camera repeats 16 rendered frames, so that the daemon is measured and not the photon statistics.
// Prints one JSON object. FLIMD_BENCH_SECONDS sets the length of each measurement (default 6).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { unpack } from 'msgpackr';
import WebSocket from 'ws';

const seconds = Number(process.env.FLIMD_BENCH_SECONDS ?? 6);
const warmUpSeconds = 2;
const main = path.resolve(import.meta.dirname, '../dist/cli/main.js');
const now = () => performance.timeOrigin + performance.now();

async function startDaemon(camera, lifetime) {
  const args = [main, 'serve', '--camera', camera, '--lifetime', lifetime, '--port', '0', '--json'];
  const child = spawn(process.execPath, [...args, '--log-level', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, url: JSON.parse(line).url };
}

async function stop(child) {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
const rounded = (value, digits = 2) => (value === undefined ? null : Number(value.toFixed(digits)));

/** Latencies and frame numbers as one client sees them, after a warm-up. */
async function listen(url) {
  const socket = new WebSocket(`${url.replace('http', 'ws').replace(/\/$/, '')}/api/v1/stream`, 'flimd.v1');
  await once(socket, 'open');
  const latencies = [];
  let frames = 0;
  let bytes = 0;
  let skipped = 0;
  const from = now() + warmUpSeconds * 1000;
  socket.on('message', (packed) => {
    const received = now();
    const message = unpack(packed);
    if (message.type === 'status') skipped = message.client.framesSkipped;
    if (message.type !== 'frame' || received < from) return;
    frames++;
    bytes += packed.length;
    latencies.push(received - message.completedAt);
  });
  await new Promise((resolve) => setTimeout(resolve, (warmUpSeconds + seconds) * 1000));
  socket.close();
  return { frames, latencies: latencies.sort((a, b) => a - b), skipped, bytes };
}

async function measure(lifetime, fps) {
  const camera = `sim:width=128&height=128&bins=32&photons=200&cacheFrames=16&fps=${fps}`;
  const { child, url } = await startDaemon(camera, lifetime);
  try {
    const cpuBefore = await cpuSeconds(child.pid);
    const started = now();
    const seen = await listen(url);
    const cpu = ((await cpuSeconds(child.pid)) - cpuBefore) / ((now() - started) / 1000);
    const status = await (await fetch(new URL('api/v1/status', `${url}/`))).json();
    return {
      source: status.lifetime.source,
      cameraFramesPerSecond: fps || 'unlimited',
      framesPerSecond: rounded(seen.frames / seconds),
      latencyMs: {
        p50: rounded(percentile(seen.latencies, 0.5)),
        p99: rounded(percentile(seen.latencies, 0.99)),
      },
      framesDropped: status.series.counters.framesDropped,
      framesDroppedByDevice: status.series.counters.framesDroppedByDevice,
      framesSkippedForClient: seen.skipped,
      packetsLost: status.series.counters.packetsLost,
      processorsUsedWithCamera: rounded(cpu),
    };
  } finally {
    await stop(child);
  }
}

/** Processor time of a process so far (Linux), s. */
async function cpuSeconds(pid) {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const host = [];
const device = [];
for (const fps of [15, 30, 0]) {
  host.push(await measure('host', fps));
  device.push(await measure('device', fps));
}
console.log(JSON.stringify({ image: '128x128', bins: 32, gates: 32, secondsEach: seconds, host, device }));
