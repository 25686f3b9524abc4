import { Packr, Unpackr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeServerMessage, encodeClientMessage } from '../../src/client/message-codec.js';
import { FlimdError } from '../../src/protocol/errors.js';
import type { ServerMessage } from '../../src/protocol/stream.js';
import { MessageEncoder } from '../../src/stream/message-encoder.js';
import { daemonStatus, endMessage, frameMessage, startMessage } from '../stream/sample-messages.js';

const packr = new Packr({ useRecords: false });

const samples: ServerMessage[] = [
  startMessage(),
  { ...frameMessage(7, { width: 8, height: 4 }), sentAt: 1_760_000_000_200 },
  { ...frameMessage(8, { width: 8, height: 4, partial: true }), sentAt: 1_760_000_000_300 },
  endMessage(),
  { type: 'status', status: daemonStatus(), client: { framesSent: 3, framesSkipped: 1, policy: 'latest' } },
  {
    type: 'decay',
    series: 1,
    frame: 7,
    x: 1,
    y: 2,
    width: 1,
    height: 1,
    binWidthPs: 195.3125,
    counts: new Uint8Array(16),
    deconvolved: { startPs: 1500, stepPs: 390.625, values: [0.75, 0.1], frames: 3, photons: 900 },
    deconvolvedReason: null,
  },
  { type: 'error', error: { code: 'FLIMD_E_STATE', message: 'no', value: 'idle', expected: 'armed' } },
  { type: 'clock', clientTime: 1.5, serverTime: 2.5 },
];

function refusal(message: unknown): FlimdError {
  try {
    decodeServerMessage(packr.pack(message));
  } catch (error) {
    if (error instanceof FlimdError) return error;
    throw error;
  }
  throw new Error('the message was accepted');
}

/** A copy with one part replaced, at a path such as `status.status.rates`. */
function withPart(message: ServerMessage, path: string[], value: unknown): unknown {
  const copy = structuredClone(message) as unknown as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

describe('decoding what the daemon encodes', () => {
  it.each(samples.map((message) => [message.type, message] as const))('%s', (_, message) => {
    const encoder = new MessageEncoder();
    const bytes =
      message.type === 'frame' || message.type === 'decay'
        ? encoder.encodeBinary(message)
        : encoder.encodePlain(message);
    expect(decodeServerMessage(new Uint8Array(bytes))).toEqual(message);
  });

  it('encodes client messages as maps that any reader reads', () => {
    const unpackr = new Unpackr({ useRecords: false });
    expect(unpackr.unpack(encodeClientMessage({ type: 'watch', x: 3, y: 4 }))).toEqual({
      type: 'watch',
      x: 3,
      y: 4,
    });
  });
});

describe('malformed messages', () => {
  it.each([
    ['start', ['camera', 'width'], -1, 'start.camera.width'],
    ['start', ['planes'], [{ name: 'photons', type: 'f64', unit: '' }], 'start.planes[0].type'],
    ['start', ['model', 'lifetimeRangePs'], [1, 2, 3], 'start.model.lifetimeRangePs'],
    ['frame', ['completedAt'], NaN, 'frame.completedAt'],
    ['frame', ['rowsValid'], [1, 1], 'frame.rowsValid'],
    ['frame', ['planes', 'photons'], 'text', 'frame.planes.photons'],
    ['end', ['reason'], 'bored', 'end.reason'],
    ['end', ['counters'], null, 'end.counters'],
    ['status', ['status', 'state', 'name'], 'asleep', 'status.status.state.name'],
    ['clock', ['serverTime'], '12', 'clock.serverTime'],
  ] as const)('%s: names the wrong part, %j', (type, path, value, where) => {
    const message = samples.find((sample) => sample.type === type)!;
    const error = refusal(withPart(message, [...path], value));
    expect(error.code).toBe('FLIMD_E_REQUEST');
    expect(error.message).toContain(where);
  });

  it.each([[null], [17], ['text'], [[1, 2]], [{}], [{ type: 'toString' }], [{ type: 5 }]])(
    'refuses %j',
    (message) => {
      expect(refusal(message).code).toBe('FLIMD_E_REQUEST');
    },
  );

  it('accepts fields it does not know: a newer daemon may add some', () => {
    const message = { type: 'clock', clientTime: 1, serverTime: 2, leapSeconds: 37 };
    expect(decodeServerMessage(packr.pack(message))).toEqual(message);
  });

  it('throws nothing but FlimdErrors, whatever is cut off or overwritten', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const bytes = new Uint8Array(packr.pack(samples[round % samples.length]));
      const damaged = bytes.slice(0, round % 3 === 0 ? random(bytes.length) : bytes.length);
      for (let hits = random(4); hits >= 0 && damaged.length > 0; hits--) {
        damaged[random(damaged.length)] = random(256);
      }
      try {
        decodeServerMessage(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(FlimdError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(400);
  });
});
