import { crc32c } from './crc32c.js';
import { SLOW_CONTROL_VERSION } from './slow-control.js';

/** version u8, sequence u8, operation u8 */
const HEADER_BYTES = 3;
const CRC_BYTES = 4;
/** Longest frame before stuffing: COBS then adds exactly one byte, whatever is in it. */
export const MAX_SLOW_CONTROL_FRAME_BYTES = 254;
export const MAX_SLOW_CONTROL_BODY_BYTES = MAX_SLOW_CONTROL_FRAME_BYTES - HEADER_BYTES - CRC_BYTES;
const DELIMITER = 0;

export interface SlowControlFrame {
  version: number;
  /** Chosen by the host; an answer repeats it. */
  sequence: number;
  operation: number;
  body: Uint8Array;
}

/**
 * The bytes of a frame on the line: a zero, the stuffed frame, a zero. The first zero ends whatever noise lies on the
 * line before it.
 * @throws RangeError for a body longer than MAX_SLOW_CONTROL_BODY_BYTES: a defect of the caller
 */
export function encodeSlowControlFrame(
  frame: Omit<SlowControlFrame, 'version'>,
  version = SLOW_CONTROL_VERSION,
): Uint8Array {
  const { sequence, operation, body } = frame;
  if (body.length > MAX_SLOW_CONTROL_BODY_BYTES) throw new RangeError(`${body.length} bytes in a frame`);
  const plain = new Uint8Array(HEADER_BYTES + body.length + CRC_BYTES);
  plain.set([version, sequence, operation]);
  plain.set(body, HEADER_BYTES);
  const crcAt = plain.length - CRC_BYTES;
  new DataView(plain.buffer).setUint32(crcAt, crc32c(plain.subarray(0, crcAt)), true);
  return Uint8Array.of(DELIMITER, ...stuffed(plain), DELIMITER);
}

/** COBS (Cheshire and Baker, 1999) of at most 254 bytes: no zero is left, and one byte is added. */
function stuffed(plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + 1);
  let codeAt = 0;
  for (let at = 0; at < plain.length; at++) {
    out[at + 1] = plain[at]!;
    if (plain[at] !== DELIMITER) continue;
    out[codeAt] = at + 1 - codeAt;
    codeAt = at + 1;
  }
  out[codeAt] = out.length - codeAt;
  return out;
}

/** null where the codes do not lead exactly to the end. */
function unstuffed(coded: Uint8Array): Uint8Array | null {
  const out = coded.slice(1);
  let codeAt = 0;
  while (codeAt < coded.length) {
    if (codeAt > 0) out[codeAt - 1] = DELIMITER;
    codeAt += coded[codeAt]!;
  }
  return codeAt === coded.length ? out : null;
}

/** What a reader has met since it began. */
export interface SlowControlLineCounters {
  framesReceived: number;
  /** Stretches between two zeros that were no sound frame: noise, a wrong checksum, a frame cut short. */
  framesInvalid: number;
}

/** Finds the frames in a stream of bytes, whatever pieces they come in and whatever lies between them. */
export class SlowControlFrameReader {
  readonly counters: SlowControlLineCounters = { framesReceived: 0, framesInvalid: 0 };
  private readonly held = new Uint8Array(MAX_SLOW_CONTROL_FRAME_BYTES + 1);
  private length = 0;
  private tooLong = false;

  /** `onInvalid` hears of every stretch of bytes that was no sound frame. */
  constructor(
    private readonly onFrame: (frame: SlowControlFrame) => void,
    private readonly onInvalid: () => void = () => {},
  ) {}

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === DELIMITER) this.finish();
      else if (this.length < this.held.length) this.held[this.length++] = byte;
      else this.tooLong = true;
    }
  }

  private finish(): void {
    const coded = this.held.subarray(0, this.length);
    const frame = this.tooLong ? null : frameOf(coded);
    const empty = this.length === 0;
    this.length = 0;
    this.tooLong = false;
    if (empty) return;
    if (!frame) {
      this.counters.framesInvalid++;
      this.onInvalid();
      return;
    }
    this.counters.framesReceived++;
    this.onFrame(frame);
  }
}

/** null where the bytes are no sound frame. */
function frameOf(coded: Uint8Array): SlowControlFrame | null {
  const plain = unstuffed(coded);
  if (!plain || plain.length < HEADER_BYTES + CRC_BYTES) return null;
  const crcAt = plain.length - CRC_BYTES;
  const crc = new DataView(plain.buffer).getUint32(crcAt, true);
  if (crc !== crc32c(plain.subarray(0, crcAt))) return null;
  const [version, sequence, operation] = plain as unknown as [number, number, number];
  return { version, sequence, operation, body: plain.subarray(HEADER_BYTES, crcAt) };
}
