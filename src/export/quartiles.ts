/**
 * Lower quartile, median and upper quartile, interpolated between neighbours as most programs do (type 7 of Hyndman
 * and Fan); null of nothing. Sorts `values`.
 */
export function quartiles(values: Uint16Array | Uint32Array): [number, number, number] | null {
  if (values.length === 0) return null;
  values.sort();
  return [at(values, 0.25), at(values, 0.5), at(values, 0.75)];
}

function at(sorted: Uint16Array | Uint32Array, part: number): number {
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place % 1);
}
