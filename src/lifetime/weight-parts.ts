import { FlimdError } from '../protocol/errors.js';

export type WeightArray = Int8Array | Uint8Array | Int32Array;

type WeightType<Elements extends WeightArray> = {
  new (length: number): Elements;
  BYTES_PER_ELEMENT: number;
};

/** One array of a weights file (docs/fixed-point.md §6, §7). */
export interface WeightPart<Shape, Name extends string = string, Elements extends WeightArray = WeightArray> {
  name: Name;
  type: WeightType<Elements>;
  /** Largest value. The smallest is −limit; of unsigned bytes, which are shifts, it is 1. */
  limit: number;
  length: (shape: Shape) => number;
}

export function weightPart<Shape, Name extends string, Elements extends WeightArray>(
  name: Name,
  type: WeightType<Elements>,
  limit: number,
  length: (shape: Shape) => number,
): WeightPart<Shape, Name, Elements> {
  return { name, type, limit, length };
}

/** The parts of a file in its order, and whose they are, for messages. */
export interface WeightFile<Shape, Name extends string = string> {
  owner: 'network' | 'decoder';
  parts: readonly WeightPart<Shape, Name>[];
}

export function fileBytes<Shape>({ parts }: WeightFile<Shape>, shape: Shape): number {
  return parts.reduce((sum, { type, length }) => sum + type.BYTES_PER_ELEMENT * length(shape), 0);
}

export function serializeParts<Shape, Name extends string>(
  file: WeightFile<Shape, Name>,
  weights: Record<Name, WeightArray>,
  shape: Shape,
): Uint8Array {
  const bytes = new Uint8Array(fileBytes(file, shape));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { name, type } of file.parts) {
    for (const value of weights[name]) {
      if (type.BYTES_PER_ELEMENT === 4) view.setInt32(at, value, true);
      else view.setUint8(at, value);
      at += type.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/** The arrays of a file by name, not yet checked; throws FLIMD_E_MODEL_FILE where the size is wrong. */
export function parseParts<Shape>(
  file: WeightFile<Shape>,
  bytes: Uint8Array,
  shape: Shape,
): Record<string, WeightArray> {
  const expected = fileBytes(file, shape);
  if (bytes.length !== expected) {
    throw damagedWeights(file.owner, 'weights file size', bytes.length, `${expected} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const weights: Record<string, WeightArray> = {};
  let at = 0;
  for (const { name, type, length } of file.parts) {
    const values = new type(length(shape));
    for (let i = 0; i < values.length; i++, at += type.BYTES_PER_ELEMENT) {
      values[i] = type.BYTES_PER_ELEMENT === 4 ? view.getInt32(at, true) : view.getUint8(at);
    }
    weights[name] = values;
  }
  return weights;
}

/** Throws FLIMD_E_MODEL_FILE with the first value out of its bounds. */
export function checkParts<Shape, Name extends string>(
  { owner, parts }: WeightFile<Shape, Name>,
  weights: Record<Name, WeightArray>,
  shape: Shape,
): void {
  for (const { name, type, limit, length } of parts) {
    const values = weights[name];
    if (values.length !== length(shape)) {
      throw damagedWeights(owner, `${name} length`, values.length, String(length(shape)));
    }
    const low = type === Uint8Array ? 1 : -limit;
    for (let i = 0; i < values.length; i++) checkInteger(owner, `${name}[${i}]`, values[i]!, low, limit);
  }
}

export function checkInteger(
  owner: WeightFile<unknown>['owner'],
  name: string,
  value: number,
  low: number,
  high: number,
): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw damagedWeights(owner, name, value, `an integer from ${low} to ${high}`);
  }
}

export function damagedWeights(
  owner: WeightFile<unknown>['owner'],
  name: string,
  value: unknown,
  expected: string,
): FlimdError {
  return new FlimdError('FLIMD_E_MODEL_FILE', `the ${owner}'s ${name} is ${value}, expected ${expected}`, {
    value,
    expected,
    action: 'train or export the model package again',
  });
}
