import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/protocol/crc32c.js';
import { BodyReader, bodyOf } from '../../src/protocol/slow-control-body.js';
import {
  encodeSlowControlFrame,
  MAX_SLOW_CONTROL_BODY_BYTES,
  type SlowControlFrame,
  SlowControlFrameReader,
} from '../../src/protocol/slow-control-frame.js';
import {
  alarmBit,
  alarmsOf,
  slowControlAlarms,
  slowControlChannels,
  SlowControlOperation,
} from '../../src/protocol/slow-control.js';
import { Random } from '../../src/random/random.js';

const random = new Random(2026, 11);
const randomBytes = (length: number, most = 256): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(most));

/** What a reader makes of bytes, given in pieces of random length; copies, since it uses its buffer again. */
function read(bytes: Uint8Array): { frames: SlowControlFrame[]; reader: SlowControlFrameReader } {
  const frames: SlowControlFrame[] = [];
  const reader = new SlowControlFrameReader((frame) => frames.push({ ...frame, body: frame.body.slice() }));
  for (let at = 0; at < bytes.length;) {
    const run = 1 + random.below(9);
    reader.push(bytes.subarray(at, at + run));
    at += run;
  }
  return { frames, reader };
}

describe('slow-control frames', () => {
  it('are the bytes of the specification', () => {
    const frame = encodeSlowControlFrame({
      sequence: 7,
      operation: SlowControlOperation.write,
      body: bodyOf(0x13, { i32: -2 }),
    });
    // version, sequence, operation, channel, value; no zero among them, so one code byte leads to the end
    const plain = [1, 7, 4, 0x13, 0xfe, 0xff, 0xff, 0xff];
    const crc = crc32c(Uint8Array.from(plain));
    const crcBytes = [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24];
    expect(crcBytes).not.toContain(0);
    expect([...frame]).toEqual([0, 13, ...plain, ...crcBytes, 0]);
  });

  it('of every length and content come back as they were, in whatever pieces, with noise between them', () => {
    const sent: SlowControlFrame[] = [];
    const line: number[] = [];
    for (let length = 0; length <= MAX_SLOW_CONTROL_BODY_BYTES; length++) {
      // Mostly zeros, mostly not zeros, and anything.
      const body = randomBytes(length, [2, 256, 256][length % 3]);
      const frame = { version: 1, sequence: length & 0xff, operation: 1 + random.below(255), body };
      const bytes = encodeSlowControlFrame(frame);
      expect(bytes.subarray(1, -1)).not.toContain(0);
      expect(bytes.length).toBe(length + 3 + 4 + 1 + 2);
      sent.push(frame);
      line.push(...bytes, ...randomBytes(random.below(20)));
    }
    expect(read(Uint8Array.from(line)).frames).toEqual(sent);
  });

  it('with any one byte changed or lost are not taken for sound ones', () => {
    const bytes = encodeSlowControlFrame({ sequence: 3, operation: 3, body: randomBytes(40, 64) });
    for (let at = 1; at < bytes.length - 1; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 + random.below(255);
      const cut = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
      for (const spoiled of [changed, cut]) {
        const { frames, reader } = read(spoiled);
        expect(frames).toEqual([]);
        expect(reader.counters.framesInvalid).toBeGreaterThan(0);
      }
    }
  });

  it('are found behind any amount of noise, and noise is no frame', () => {
    const frame = { version: 1, sequence: 9, operation: 2, body: bodyOf(0x10) };
    const { frames, reader } = read(Uint8Array.of(...randomBytes(20_000), ...encodeSlowControlFrame(frame)));
    expect(frames).toEqual([frame]);
    expect(reader.counters.framesInvalid).toBeGreaterThan(10);
    expect(read(new Uint8Array(1000)).reader.counters.framesInvalid).toBe(0);
  });

  it('may be as long as they may be, and no longer', () => {
    const body = new Uint8Array(MAX_SLOW_CONTROL_BODY_BYTES + 1);
    expect(() => encodeSlowControlFrame({ sequence: 0, operation: 1, body })).toThrow(RangeError);
    const tooLong = Uint8Array.of(0, ...new Uint8Array(5000).fill(1), 0);
    expect(read(tooLong).reader.counters).toEqual({ framesReceived: 0, framesInvalid: 1 });
  });
});

describe('slow-control bodies', () => {
  it('hold numbers and text, and say where they end too soon', () => {
    const reader = new BodyReader(
      bodyOf(200, { i32: -123_456_789 }, { text: 'SIM-µ' }, { i32: 2 ** 31 - 1 }),
    );
    expect([reader.u8(), reader.i32(), reader.text(), reader.i32()]).toEqual([
      200,
      -123_456_789,
      'SIM-µ',
      2 ** 31 - 1,
    ]);
    expect(reader.atEnd).toBe(true);
    for (const short of [new BodyReader(Uint8Array.of(5, 65)), new BodyReader(Uint8Array.of(1))]) {
      expect(short.text()).toBeNull();
    }
    expect(new BodyReader(Uint8Array.of(1, 2, 3)).i32()).toBeNull();
    expect(new BodyReader(new Uint8Array()).u8()).toBeNull();
  });

  it('of random bytes never break a reader', () => {
    for (let round = 0; round < 500; round++) {
      const reader = new BodyReader(randomBytes(random.below(12)));
      for (let field = 0; field < 5; field++) [reader.u8(), reader.i32(), reader.text()][field % 3];
      const rest = reader.text();
      expect(rest === null || typeof rest === 'string').toBe(true);
    }
  });
});

describe('slow-control tables', () => {
  it('give every channel an id and a name of its own, and read all of them in one frame', () => {
    expect(new Set(slowControlChannels.map(({ id }) => id)).size).toBe(slowControlChannels.length);
    expect(new Set(slowControlChannels.map(({ name }) => name)).size).toBe(slowControlChannels.length);
    expect(1 + 5 * slowControlChannels.length).toBeLessThanOrEqual(MAX_SLOW_CONTROL_BODY_BYTES);
  });

  it('name alarms by their bits, also those that only a newer camera knows', () => {
    for (const { name } of slowControlAlarms) expect(alarmsOf(alarmBit(name))).toEqual([name]);
    expect(alarmsOf(0)).toEqual([]);
    expect(alarmsOf(1 | (1 << 20) | (1 << 31))).toEqual(['overTemperature', 'alarm20', 'alarm31']);
  });
});
