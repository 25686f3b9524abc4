import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { FlimdError } from '../protocol/errors.js';
import { type ClientMessage, MAX_REGION_PIXELS } from '../protocol/stream.js';

const pixelCoordinate = z.int().min(0).max(65535);
const extent = z.int().min(1).max(MAX_REGION_PIXELS).optional();

const watchSchema = z
  .strictObject({
    type: z.literal('watch'),
    x: pixelCoordinate,
    y: pixelCoordinate,
    width: extent,
    height: extent,
  })
  .refine(({ width = 1, height = 1 }) => width * height <= MAX_REGION_PIXELS);

const messageSchema = z.union([
  watchSchema,
  z.strictObject({ type: z.literal('watch'), x: z.null(), y: z.null() }),
  z.strictObject({ type: z.literal('clock'), clientTime: z.number() }),
]) satisfies z.ZodType<ClientMessage>;

const EXPECTED =
  '{type: "watch", x, y} with pixel coordinates or nulls, with width and height of a region of at most ' +
  `${MAX_REGION_PIXELS} pixels if wanted, or {type: "clock", clientTime}`;
const LONGEST_SHOWN = 100;

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** What a client sent, checked. Throws FLIMD_E_REQUEST. */
export function readClientMessage(bytes: Buffer, isBinary: boolean): ClientMessage {
  if (!isBinary) throw malformed('text', 'a binary MessagePack message');
  const value = unpack(bytes);
  const result = messageSchema.safeParse(value);
  if (!result.success) throw malformed(shown(value), EXPECTED);
  return result.data;
}

function unpack(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    throw malformed(`${bytes.length} bytes`, 'one MessagePack map');
  }
}

function malformed(value: string, expected: string): FlimdError {
  const action = 'see docs/api.md for the messages a client may send';
  return new FlimdError('FLIMD_E_REQUEST', 'the message is malformed', { value, expected, action });
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? 'nothing').slice(0, LONGEST_SHOWN);
  } catch {
    return typeof value;
  }
}
