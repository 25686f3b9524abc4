import { expect, it } from 'vitest';
import { DecayWatch, noDeconvolution } from '../../src/stream/decay-watch.js';

const region = { x: 3, y: 4, width: 2, height: 1 };
const intervalMs = 250;

it('deconvolves the sum of all frames, and not more often than it may', () => {
  const watch = new DecayWatch(region);
  const add = (photons: number, now: number) =>
    watch.add(
      Uint32Array.of(photons, 1),
      ([first, second]) => ({ startPs: 0, stepPs: 10, values: [second!], photons: first! }),
      intervalMs,
      now,
    ).deconvolved!;
  expect(add(5, 1000)).toMatchObject({ frames: 1, photons: 5, values: [1] });
  expect(add(7, 1249)).toMatchObject({ frames: 1, photons: 5 });
  expect(add(2 ** 32 - 1, 1250)).toMatchObject({ frames: 3, photons: 2 ** 32 + 11, values: [3] });
});

it('says in words why there is none', () => {
  const add = (watch: DecayWatch, reason: string | null, now: number) =>
    watch.add(Uint32Array.of(1), noDeconvolution(reason), intervalMs, now);
  const watch = new DecayWatch(region);
  expect(add(watch, 'no decoder', 1)).toEqual({ deconvolved: null, deconvolvedReason: 'no decoder' });
  expect(add(new DecayWatch(region), null, 1).deconvolvedReason).toContain('no decoder');
});
