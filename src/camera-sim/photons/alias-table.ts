/**
 * Walker's alias method in Vose's form (IEEE Trans. Softw. Eng. 17, 1991) for random bins out of one 32-bit
 * number: its upper `columnBits` choose a column, the 20 bits below decide between the column and its alias.
 */
export interface AliasTable {
  /** There are 2^columnBits columns; those beyond the bins have probability 0. */
  readonly columnBits: number;
  /** Per column: how many of 2^20 keep it, shifted left by ALIAS_BITS, and its alias below. */
  readonly columns: Int32Array;
}

export const ALIAS_BITS = 12;
export const ALIAS_MASK = 2 ** ALIAS_BITS - 1;
const FRACTION_ONE = 2 ** (32 - ALIAS_BITS);

/** A table for the given weights, normalised by their sum; 1 to 4096 of them. Every probability is exact to 2^-21. */
export function buildAliasTable(weights: Float64Array): AliasTable {
  const columnBits = Math.max(1, Math.ceil(Math.log2(weights.length)));
  const count = 2 ** columnBits;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const scaled = Array.from({ length: count }, (_, i) => ((weights[i] ?? 0) * count) / sum);
  // A column that nothing fills up keeps its own number, whatever the fraction says.
  const columns = Int32Array.from({ length: count }, (_, column) => column);
  const poor = scaled.flatMap((weight, i) => (weight < 1 ? [i] : []));
  const rich = scaled.flatMap((weight, i) => (weight < 1 ? [] : [i]));
  while (poor.length > 0 && rich.length > 0) {
    const column = poor.pop()!;
    const alias = rich[rich.length - 1]!;
    // Exactly 1 cannot occur here but for rounding, and would not fit 20 bits.
    const keep = Math.min(FRACTION_ONE - 1, Math.round(scaled[column]! * FRACTION_ONE));
    columns[column] = (keep << ALIAS_BITS) | alias;
    scaled[alias]! -= 1 - scaled[column]!;
    if (scaled[alias]! < 1) poor.push(rich.pop()!);
  }
  return { columnBits, columns };
}

/** Counts one photon for each of the first `count` random words, in the bins of `counts` from `at` on. */
export function scatterPhotons(
  { columns, columnBits }: AliasTable,
  words: Int32Array,
  count: number,
  counts: Uint16Array,
  at: number,
): void {
  const columnShift = 32 - columnBits;
  for (let photon = 0; photon < count; photon++) {
    const word = words[photon]!;
    const column = word >>> columnShift;
    const entry = columns[column]!;
    // All ones where the alias is wanted. A branch here would be guessed wrong half of the time.
    const other = ((entry >>> ALIAS_BITS) - 1 - ((word << columnBits) >>> ALIAS_BITS)) >> 31;
    counts[at + (column ^ ((column ^ (entry & ALIAS_MASK)) & other))]!++;
  }
}
