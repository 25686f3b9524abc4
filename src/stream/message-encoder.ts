import { Packr } from 'msgpackr';
import type { DecayMessage, FrameMessage, ServerMessage } from '../protocol/stream.js';

type BinaryMessage = FrameMessage | DecayMessage;
type PlainMessage = Exclude<ServerMessage, BinaryMessage>;

/** The most a number takes. */
const NUMBER_BYTES = 9;
/** Room for the rest of a message besides its binary parts; msgpackr asks for 2 KiB free before it begins. */
const HEAD_BYTES = 4096;

/**
 * Encodes stream messages as plain MessagePack: maps with string keys, `bin` for planes, no extension types, so that
 * any reader reads them. Whole numbers up to 2^32 − 1 are integers; greater ones (times, ticks) are float64, exact
 * to 2^53.
 */
export class MessageEncoder {
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });

  /** Copies the binary parts: their memory may be reused as soon as this returns. */
  encodeBinary(message: BinaryMessage): Buffer {
    return this.#encode(message, HEAD_BYTES + binaryBytes(message));
  }

  encodePlain(message: PlainMessage): Buffer {
    return this.#encode(plain(message), HEAD_BYTES);
  }

  /** A buffer of its own for every message: msgpackr's shared one would keep up to four frames alive for each. */
  #encode(message: unknown, roomBytes: number): Buffer {
    this.#packr.useBuffer(Buffer.allocUnsafeSlow(roomBytes));
    return this.#packr.pack(message);
  }
}

function binaryBytes(message: BinaryMessage): number {
  if (message.type === 'decay') {
    return message.counts.byteLength + NUMBER_BYTES * (message.deconvolved?.values.length ?? 0);
  }
  const planes = Object.values(message.planes).reduce((sum, plane) => sum + plane.byteLength, 0);
  return planes + (message.rowsValid?.byteLength ?? 0);
}

/** What JSON can say of the message: error values may hold anything, and MessagePack has no word for it. */
function plain(message: PlainMessage): unknown {
  return JSON.parse(
    JSON.stringify(message, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  );
}
