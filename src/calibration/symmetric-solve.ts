/**
 * The inverse of a symmetric positive definite matrix (rows of an array) by Cholesky; null where it is not positive
 * definite. Rows and columns are scaled to a unit diagonal first: a fit's parameters differ by many powers of ten.
 */
export function invertSymmetric(matrix: readonly Float64Array[]): Float64Array[] | null {
  const size = matrix.length;
  const scale = matrix.map((row, i) => 1 / Math.sqrt(row[i]!));
  if (scale.some((value) => !Number.isFinite(value))) return null;
  const factor = cholesky(matrix.map((row, i) => row.map((value, j) => value * scale[i]! * scale[j]!)));
  if (factor === null) return null;
  const columns = Array.from({ length: size }, (_, column) => solveUnit(factor, column));
  return columns.map((row, i) => row.map((value, j) => value * scale[i]! * scale[j]!));
}

/** What a pivot may lose to the ones before it, relative to 1, before two parameters cannot be told apart. */
const SINGULAR = 1e-12;

function cholesky(matrix: readonly Float64Array[]): Float64Array[] | null {
  const factor = matrix.map((row) => new Float64Array(row.length));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k++) sum -= factor[i]![k]! * factor[j]![k]!;
      if (i === j && sum < SINGULAR) return null;
      factor[i]![j] = i === j ? Math.sqrt(sum) : sum / factor[j]![j]!;
    }
  }
  return factor;
}

/** Solves L Lᵀ x = e, with e the unit vector of `column`. */
function solveUnit(factor: readonly Float64Array[], column: number): Float64Array {
  const size = factor.length;
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = i === column ? 1 : 0;
    for (let k = 0; k < i; k++) sum -= factor[i]![k]! * x[k]!;
    x[i] = sum / factor[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= factor[k]![i]! * x[k]!;
    x[i] = sum / factor[i]![i]!;
  }
  return x;
}
