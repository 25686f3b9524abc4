import { expect, it } from 'vitest';
import { type Deconvolver, DecayWatch, noDeconvolution } from '../../src/stream/decay-watch.js';

const region = { x: 3, y: 4, width: 2, height: 1 };

it('deconvolves the sum of all frames, four times a second at most', () => {
  let now = 1000;
  const watch = new DecayWatch(region, () => now);
  const deconvolve: Deconvolver = ([first, second]) => ({
    startPs: 0,
    stepPs: 10,
    values: [second!],
    photons: first!,
  });
  const add = (photons: number, at: number) => {
    now = at;
    return watch.add(Uint32Array.of(photons, 1), deconvolve, 1).deconvolved!;
  };
  expect(add(5, 1000)).toMatchObject({ frames: 1, photons: 5, values: [1] });
  expect(add(7, 1249)).toMatchObject({ frames: 1, photons: 5 });
  expect(add(2 ** 32 - 1, 1250)).toMatchObject({ frames: 3, photons: 2 ** 32 + 11, values: [3] });
});

it('takes a twentieth of the time at most, for all clients together', () => {
  let now = 0;
  let made = 0;
  const watch = new DecayWatch(region, () => now);
  const slow: Deconvolver = () => {
    now += 23;
    return `number ${++made}`;
  };
  for (; now < 10_000; now += 10) watch.add(Uint32Array.of(1), slow, 4);
  // 4 clients, 23 ms each: one of them has its turn every 1,840 ms.
  expect(made).toBe(6);
});

it('says in words why there is none', () => {
  const reasonOf = (reason: string | null) =>
    new DecayWatch(region).add(Uint32Array.of(1), noDeconvolution(reason), 1);
  expect(reasonOf('no decoder')).toEqual({ deconvolved: null, deconvolvedReason: 'no decoder' });
  expect(reasonOf(null).deconvolvedReason).toContain('no decoder');
});
