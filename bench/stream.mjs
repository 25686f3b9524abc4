// Encode-and-send throughput of the live stream over loopback: lifetime planes and photons of one frame, encoded once
// and sent to 1 and 8 clients that live in a thread of their own and read every byte. A frame is published as soon as
// every client's socket has taken the one before, so nothing is skipped. Prints JSON. Needs `npm run build:ts`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { loadConfig } from '../dist/config/index.js';
import { StreamServer } from '../dist/stream/index.js';
import { MessageEncoder } from '../dist/stream/message-encoder.js';

const SECONDS = 3;
const WARM_UP_FRAMES = 30;

function frameOf(size) {
  const pixels = size * size;
  const bytes = (count) => Uint8Array.from({ length: count }, (_, i) => i & 0xff);
  return {
    type: 'frame',
    series: 1,
    uid: '00000000-0000-4000-8000-000000000000',
    frame: 0,
    width: size,
    height: size,
    source: 'host',
    bitstreamId: '0123456789abcdef',
    modelHash: '0123456789abcdef',
    complete: true,
    rowsValid: null,
    startTicks: 2 ** 40,
    endTicks: 2 ** 40 + 1,
    completedAt: Date.now(),
    mismatchedPixels: null,
    planes: {
      meanLifetimeAmplitude: bytes(pixels * 2),
      meanLifetimeIntensity: bytes(pixels * 2),
      photons: bytes(pixels * 4),
    },
  };
}

function measureEncoding(frame) {
  const encoder = new MessageEncoder();
  const encode = () => encoder.encodeBinary({ ...frame, sentAt: Date.now() }).length;
  for (let i = 0; i < WARM_UP_FRAMES; i++) encode();
  const began = performance.now();
  let frames = 0;
  for (; performance.now() - began < SECONDS * 1000; frames++) encode();
  return { framesPerSecond: frames / ((performance.now() - began) / 1000), bytes: encode() };
}

/** Clients in a thread: their reading must not slow the sender down, beyond the processor they share. */
async function startClients(url, count) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, count } });
  await once(worker, 'message');
  const total = async () => {
    worker.postMessage('report');
    return (await once(worker, 'message'))[0];
  };
  return { total, stop: () => worker.terminate() };
}

async function runClients({ url, count }) {
  let frames = 0;
  const sockets = Array.from({ length: count }, () => new WebSocket(url, 'flimd.v1'));
  for (const socket of sockets) socket.on('message', (bytes) => (frames += bytes.length > 64 * 1024 ? 1 : 0));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  parentPort.on('message', () => parentPort.postMessage(frames));
  parentPort.postMessage('ready');
}

async function measureSending(size, clients) {
  const limits = { ...loadConfig({ directory: '/' }).stream, statusIntervalMs: 60_000 };
  const stream = new StreamServer({ limits, status: () => ({}), log: pino({ level: 'silent' }) });
  const http = createServer().on('upgrade', (request, socket, head) =>
    stream.handleUpgrade(request, socket, head),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const audience = await startClients(`ws://127.0.0.1:${http.address().port}/`, clients);
  while (stream.counts().clients < clients) await new Promise(setImmediate);

  const frame = frameOf(size);
  const publish = async () => {
    frame.frame++;
    stream.publish(frame);
    do await new Promise(setImmediate);
    while (stream.counts().framesSent < stream.counts().framesEncoded * clients);
  };
  const received = async (frames) => {
    while ((await audience.total()) < frames * clients) await new Promise(setImmediate);
  };
  for (let i = 0; i < WARM_UP_FRAMES; i++) await publish();
  await received(WARM_UP_FRAMES);
  const began = performance.now();
  const cpu = process.cpuUsage();
  while (performance.now() - began < SECONDS * 1000) await publish();
  const frames = stream.counts().framesEncoded - WARM_UP_FRAMES;
  await received(stream.counts().framesEncoded);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);

  await audience.stop();
  await stream.close();
  http.close();
  return {
    width: size,
    height: size,
    clients,
    framesPerSecond: frames / seconds,
    megabytesPerSecond: (frames * clients * size * size * 8) / seconds / 1e6,
    framesSkipped: stream.counts().framesSkipped,
    processorShare: (user + system) / 1e6 / seconds,
  };
}

/** Rounds every number to three digits, which is more than the measurement repeats. */
const rounded = (_, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;

if (isMainThread) {
  const encode = [128, 512].map((size) => ({ width: size, height: size, ...measureEncoding(frameOf(size)) }));
  const send = [];
  for (const size of [128, 512]) for (const clients of [1, 8]) send.push(await measureSending(size, clients));
  console.log(JSON.stringify({ bench: 'stream', encode, send }, rounded, 2));
} else {
  await runClients(workerData);
}
