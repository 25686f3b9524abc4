import { expect, it } from 'vitest';
import { decaysOf } from '../../src/run/frame-delivery.js';

const geometry = { width: 3, height: 2, bins: 2, histograms: true };
/** Of the pixel i, row-major: i photons in the first bin, 65,535 in the second. */
const histograms = Uint16Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? at / 2 : 65_535));
const frame = (...rowsValid: number[]) =>
  decaysOf({ histograms, rowsValid: Uint8Array.from(rowsValid) }, { geometry });

it('sums the histograms of a region', () => {
  const region = { x: 1, y: 0, width: 2, height: 2 };
  expect(frame(1, 1)(region)).toEqual(Uint32Array.of(1 + 2 + 4 + 5, 4 * 65_535));
  expect(frame(1, 1)({ x: 2, y: 1, width: 1, height: 1 })).toEqual(Uint32Array.of(5, 65_535));
});

it('has no decay of a region with a missing row', () => {
  const one = { x: 0, width: 1, height: 1 };
  expect(frame(1, 0)({ ...one, y: 1 })).toBeNull();
  expect(frame(1, 0)({ ...one, y: 0, height: 2 })).toBeNull();
  expect(frame(1, 0)({ ...one, y: 0 })).toEqual(Uint32Array.of(0, 65_535));
});
