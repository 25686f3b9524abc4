const GOLDEN_RATIO = 0.618_033_988_749_895;

/**
 * The photons of a frame as single events, pixel and bin in turn, in an order that jumps over the image as photons
 * do: event i stands at place i × stride mod N. Equal histograms give equal events.
 */
export function eventsOf(histograms: Uint16Array, bins: number): Uint32Array {
  let total = 0;
  for (let i = 0; i < histograms.length; i++) total += histograms[i]!;
  const events = new Uint32Array(2 * total);
  const stride = strideOf(total);
  let place = 0;
  for (let i = 0; i < histograms.length; i++) {
    for (let count = histograms[i]!; count > 0; count--) {
      events[2 * place] = Math.floor(i / bins);
      events[2 * place + 1] = i % bins;
      place += stride;
      if (place >= total) place -= total;
    }
  }
  return events;
}

/** Near the golden section of `total` and without a common divisor, so that every place is met once. */
function strideOf(total: number): number {
  let stride = Math.max(1, Math.floor(total * GOLDEN_RATIO));
  while (greatestCommonDivisor(stride, total) > 1) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
