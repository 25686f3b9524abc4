import type { RegisterAccess } from '../camera/registers.js';
import { registersOf } from '../camera/register-values.js';
import { type Register, type RegisterBlockName, type RegisterName, register } from '../protocol/registers.js';
import { refuses } from './refusals.js';

/** Blocks whose registers hold still while nothing is done to them, but for those that `moves` names. */
const stillBlocks = [
  'identity',
  'capabilities',
  'timing',
  'model',
  'control',
  'status',
  'counters',
] as const satisfies readonly RegisterBlockName[];
const moves = new Set<string>(['ticks']);

/** The configuration: what a host writes and reads back. */
export const configuration = stillBlocks
  .flatMap((block) => registersOf(block))
  .filter(({ access }) => access === 'rw');

export async function readRegister(registers: RegisterAccess, name: RegisterName): Promise<number> {
  return (await registers.read(register(name).address, 1))[0]!;
}

/** Words by register name and position, such as `serial[2]`. */
export type RegisterImage = Map<string, number>;

/** What a camera holds that must not change by itself: configuration, description, state and counters. */
export async function imageOf(registers: RegisterAccess): Promise<RegisterImage> {
  const image: RegisterImage = new Map();
  for (const block of stillBlocks) {
    for (const run of readableRuns(registersOf(block))) {
      const last = run.at(-1)!;
      const first = run[0]!.address;
      const words = await registers.read(first, (last.address - first) / 4 + last.words);
      for (const { name, address, words: length } of run) {
        if (moves.has(name)) continue;
        for (let i = 0; i < length; i++) {
          image.set(length === 1 ? name : `${name}[${i}]`, words[(address - first) / 4 + i]!);
        }
      }
    }
  }
  return image;
}

/** Registers that follow each other and can be read. */
function readableRuns(registers: readonly Register[]): Register[][] {
  const runs: Register[][] = [[]];
  for (const each of registers) {
    if (each.access === 'wo') runs.push([]);
    else runs.at(-1)!.push(each);
  }
  return runs.filter((run) => run.length > 0);
}

/** What differs between two images, in words; `except` may. */
export function changesBetween(before: RegisterImage, after: RegisterImage, except?: string): string[] {
  return [...before]
    .filter(([name, value]) => name !== except && after.get(name) !== value)
    .map(([name, value]) => `${name} went from ${value} to ${after.get(name)}`);
}

/** The configuration as it was found, to be put back. */
export type Configuration = Map<RegisterName, number>;

export async function readConfiguration(registers: RegisterAccess): Promise<Configuration> {
  const values = new Map<RegisterName, number>();
  for (const { name } of configuration) {
    values.set(name as RegisterName, await readRegister(registers, name as RegisterName));
  }
  return values;
}

/** While idle. What the camera refuses stays as it is: a fresh one may hold a series 0 that it does not take. */
export async function writeConfiguration(registers: RegisterAccess, values: Configuration): Promise<void> {
  for (const [name, value] of values) await refuses(registers.write(register(name).address, [value]));
}
