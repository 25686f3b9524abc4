import { Packr, Unpackr } from 'msgpackr';
import { FlimdError } from '../protocol/errors.js';
import type { ClientMessage, ServerMessage } from '../protocol/stream.js';
import { messageShapes } from './message-shapes.js';
import type { Check } from './shape.js';

// Plain MessagePack: no msgpackr records, 64-bit integers as numbers (device ticks stay below 2^53 for years).
const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

export function encodeClientMessage(message: ClientMessage): Uint8Array {
  return packr.pack(message);
}

/** Decodes and checks one message; binary parts are views into `bytes`. Throws FLIMD_E_REQUEST. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  const message = unpack(bytes) as { type?: unknown } | null;
  const type = message?.type;
  if (typeof type !== 'string' || !Object.hasOwn(messageShapes, type)) {
    throw new FlimdError('FLIMD_E_REQUEST', 'the daemon sent a message of unknown type', {
      value: String(type).slice(0, 40),
      expected: `one of ${Object.keys(messageShapes).join(', ')}`,
    });
  }
  const shape: Check<ServerMessage> = messageShapes[type as ServerMessage['type']];
  return shape(message, type);
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch (cause) {
    const details = { value: `${bytes.length} bytes`, expected: 'one MessagePack map' };
    throw new FlimdError('FLIMD_E_REQUEST', 'the daemon sent bytes that are not MessagePack', details, {
      cause,
    });
  }
}
