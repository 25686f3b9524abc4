import type { Random } from '../../random/random.js';
import { ALIAS_BITS, ALIAS_MASK, buildAliasTable } from './alias-table.js';
import { poisson } from '../../random/poisson.js';

/**
 * Poisson numbers in constant time: the mean is split into a multiple of 1/8, for which there is an alias table,
 * and a rest below 1/8, which mostly gives 0. The sum of the two is a Poisson number of the whole mean.
 */
const STEPS = 8;
/** Means from here on are drawn without a table. */
const TABLE_END = 64;
const TABLES = TABLE_END * STEPS;
/** A table ends this many standard deviations above its mean; less than 1e-15 is beyond. */
const TAIL = 10;
const TWO_32 = 0x1_0000_0000;
const MAX_COUNT = 0xffff;

interface Tables {
  /** Where each begins in `columns`. */
  starts: Int32Array;
  columnBits: Int32Array;
  columns: Int32Array;
}

/** 0.3 MB, made when first needed. */
let tables: Tables | null = null;

function buildTables(): Tables {
  const starts = new Int32Array(TABLES);
  const built = Array.from({ length: TABLES }, (_, table) => buildAliasTable(probabilities(table / STEPS)));
  for (let table = 1; table < TABLES; table++) {
    starts[table] = starts[table - 1]! + built[table - 1]!.columns.length;
  }
  const columns = new Int32Array(starts[TABLES - 1]! + built[TABLES - 1]!.columns.length);
  built.forEach((table, i) => columns.set(table.columns, starts[i]));
  return { starts, columnBits: Int32Array.from(built, (table) => table.columnBits), columns };
}

function probabilities(mean: number): Float64Array {
  const values = new Float64Array(Math.ceil(mean + TAIL * Math.sqrt(mean)) + 12);
  values[0] = Math.exp(-mean);
  for (let k = 1; k < values.length; k++) values[k] = (values[k - 1]! * mean) / k;
  return values;
}

/**
 * Draws a Poisson number for each of the first `count` means and writes it to `out` from `at` on; returns their sum.
 * `words` is room for 2 · count random words.
 */
export function poissonBins(
  means: Float64Array,
  count: number,
  random: Random,
  words: Int32Array,
  out: Uint16Array,
  at: number,
): number {
  const { starts, columnBits, columns } = (tables ??= buildTables());
  let sum = 0;
  random.fill(words, 2 * count);
  for (let i = 0; i < count; i++) {
    const mean = means[i]!;
    let drawn: number;
    if (mean < TABLE_END) {
      const table = (mean * STEPS) | 0;
      const word = words[2 * i]!;
      const bits = columnBits[table]!;
      const column = word >>> (32 - bits);
      const entry = columns[starts[table]! + column]!;
      const other = ((entry >>> ALIAS_BITS) - 1 - ((word << bits) >>> ALIAS_BITS)) >> 31;
      drawn = column ^ ((column ^ (entry & ALIAS_MASK)) & other);
      const rest = mean - table / STEPS;
      const uniform = (words[2 * i + 1]! >>> 0) / TWO_32;
      // exp(−rest) > 1 − rest: most draws need no exponential.
      if (uniform > 1 - rest) drawn += poissonByInversion(rest, uniform);
    } else {
      drawn = poisson(mean, random);
    }
    // A bin of the sensor saturates.
    const counted = drawn < MAX_COUNT ? drawn : MAX_COUNT;
    out[at + i] = counted;
    sum += counted;
  }
  return sum;
}

/** The number whose cumulative probability reaches `uniform`; for means below 1. */
function poissonByInversion(mean: number, uniform: number): number {
  let probability = Math.exp(-mean);
  let count = 0;
  for (let cumulative = probability; uniform > cumulative && probability > 1e-12; cumulative += probability) {
    count++;
    probability *= mean / count;
  }
  return count;
}
