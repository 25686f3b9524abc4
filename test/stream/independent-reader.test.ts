import { createHash } from 'node:crypto';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { ServerMessage } from '../../src/protocol/stream.js';
import { MessageEncoder } from '../../src/stream/message-encoder.js';
import { lacksPython, tellPython } from '../support/python.js';
import { daemonStatus, endMessage, frameMessage, startMessage } from './sample-messages.js';

const lacking = lacksPython('messages read by a MessagePack reader of another make', ['msgpack']);

const samples: ServerMessage[] = [
  startMessage(),
  { ...frameMessage(1, { partial: true }), sentAt: 1_760_000_000_124 },
  { ...frameMessage(2, { width: 2, height: 1 }), mismatchedPixels: 0, sentAt: 5 },
  endMessage(),
  {
    type: 'decay',
    series: 1,
    frame: 2,
    x: 3,
    y: 4,
    width: 2,
    height: 1,
    binWidthPs: 48.828,
    counts: new Uint8Array(1024).fill(7),
    deconvolved: { startPs: 1500, stepPs: 390.625, values: [0.75, 0, 0.1], frames: 3, photons: 2 ** 33 },
    deconvolvedReason: null,
  },
  {
    type: 'status',
    status: daemonStatus(),
    client: { framesSent: 2 ** 31, framesSkipped: 0, policy: 'latest' },
  },
  {
    type: 'error',
    error: { code: 'FLIMD_E_REQUEST', message: 'ä µ 🔬', value: { x: -1, deep: [null, true] } },
  },
  { type: 'clock', clientTime: 0.1, serverTime: 2 ** 53 },
];

/** What the Python side prints for a message. */
function expectation(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return { bytes: value.length, sha256: createHash('sha256').update(value).digest('hex') };
  }
  if (Array.isArray(value)) return value.map(expectation);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, expectation(child)]));
}

it.skipIf(lacking)('a MessagePack reader of another make reads every message', () => {
  const encoder = new MessageEncoder();
  const parts = samples.flatMap((message) => {
    const bytes =
      message.type === 'frame' || message.type === 'decay'
        ? encoder.encodeBinary(message)
        : encoder.encodePlain(message);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  const script = path.join(import.meta.dirname, 'read_messages.py');
  expect(tellPython(script, Buffer.concat(parts))).toEqual(samples.map(expectation));
});
