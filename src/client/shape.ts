import { FlimdError } from '../protocol/errors.js';

/** Returns the value where it has the shape, else throws FLIMD_E_REQUEST naming the path of the wrong part. */
export type Check<T> = (value: unknown, path: string) => T;

function check<T>(expected: string, holds: (value: unknown) => boolean): Check<T> {
  return (value, path) => {
    if (holds(value)) return value as T;
    throw new FlimdError('FLIMD_E_REQUEST', `${path} is not ${expected}`, {
      value: brief(value),
      expected,
      action: 'client and daemon may be of different versions: update both',
    });
  };
}

/** Long and binary values are described, not carried along in the error. */
function brief(value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string') return value.slice(0, 80);
  if (Array.isArray(value)) return `list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'map' : value;
}

export const text = check<string>('a string', (value) => typeof value === 'string');
export const flag = check<boolean>('a boolean', (value) => typeof value === 'boolean');
export const real = check<number>('a finite number', Number.isFinite);
export const whole = check<number>(
  'a whole number of at least 0',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const bytes = check<Uint8Array>('binary', (value) => value instanceof Uint8Array);
export const anything: Check<unknown> = (value) => value;

const map = check<Record<string, unknown>>(
  'a map',
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array),
);
const array = check<unknown[]>('a list', Array.isArray);

export function oneOf<T extends string>(...words: T[]): Check<T> {
  return check<T>(`one of ${words.join(', ')}`, (value) => words.includes(value as T));
}

export function nullable<T>(inner: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : inner(value, path));
}

export function optional<T>(inner: Check<T>): Check<T | undefined> {
  return (value, path) => (value === undefined ? undefined : inner(value, path));
}

export function list<T>(inner: Check<T>): Check<T[]> {
  return (value, path) => {
    array(value, path).forEach((item, index) => inner(item, `${path}[${index}]`));
    return value as T[];
  };
}

export function pair<T>(inner: Check<T>): Check<[T, T]> {
  const two = check<unknown[]>('a list of 2', (value) => Array.isArray(value) && value.length === 2);
  return (value, path) => list(inner)(two(value, path), path) as [T, T];
}

export function dictionary<T>(inner: Check<T>): Check<Record<string, T>> {
  return (value, path) => {
    for (const [key, item] of Object.entries(map(value, path))) inner(item, `${path}.${key}`);
    return value as Record<string, T>;
  };
}

/** A map with these fields; fields not named here are left alone, so that a newer daemon may add some. */
export function record<T>(fields: { [Key in keyof T]-?: Check<T[Key]> }): Check<T> {
  const checks = Object.entries(fields) as [string, Check<unknown>][];
  return (value, path) => {
    const candidate = map(value, path);
    for (const [key, field] of checks) field(candidate[key], `${path}.${key}`);
    return candidate as T;
  };
}
