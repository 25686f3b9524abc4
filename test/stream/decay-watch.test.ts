import { expect, it } from 'vitest';
import { type Deconvolver, DecayWatch, noDeconvolution } from '../../src/stream/decay-watch.js';
import { DeconvolutionBudget } from '../../src/stream/deconvolution-budget.js';

const region = { x: 3, y: 4, width: 2, height: 1 };

it('deconvolves the sum of all frames, four times a second at most', () => {
  let now = 1000;
  const watch = new DecayWatch(new DeconvolutionBudget(() => now));
  watch.begin(region);
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

/** Which client each deconvolution was for, in `durationMs` of frames every 10 ms, each taking `spentMs`. */
function turns(watching: number, spentMs: number, durationMs: number): { turns: number[]; busyMs: number } {
  let now = 0;
  const found = { turns: [] as number[], busyMs: 0 };
  const budget = new DeconvolutionBudget(() => now);
  const watches = Array.from({ length: watching }, () => new DecayWatch(budget));
  for (; now < durationMs; now += 10) {
    watches.forEach((watch, client) =>
      watch.add(
        Uint32Array.of(1),
        () => {
          now += spentMs;
          found.busyMs += spentMs;
          found.turns.push(client);
          return 'no';
        },
        watching,
      ),
    );
  }
  return found;
}

it('takes a twentieth of the time at most, for all clients together and in turn', () => {
  // 23 ms each: one every 460 ms.
  const slow = turns(4, 23, 9000);
  expect(slow.turns.slice(0, 8)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  expect(slow.busyMs).toBeGreaterThan(0.04 * 9000);
  expect(slow.busyMs).toBeLessThanOrEqual(0.05 * 9000 + 23);
});

it('is silent for some seconds at most after a deconvolution that a busy machine held up', () => {
  // A twentieth of the time would be one every 20 s.
  expect(turns(1, 1000, 15_500).turns.length).toBe(4);
});

it('has no further one for a client that asks again, and begins a new sum', () => {
  let now = 1000;
  let made = 0;
  const watch = new DecayWatch(new DeconvolutionBudget(() => now));
  const add = () =>
    watch.add(
      Uint32Array.of(1),
      ([photons]) => {
        made++;
        return { startPs: 0, stepPs: 10, values: [], photons: photons! };
      },
      1,
    );
  watch.begin(region);
  for (; now < 1250; now += 10) {
    add();
    watch.begin(null);
    watch.begin(region);
  }
  expect(made).toBe(1);
  now = 1249;
  expect(add()).toEqual({ deconvolved: null, deconvolvedReason: 'it waits for its turn' });
  watch.begin(region);
  now = 1250;
  expect(add().deconvolved).toMatchObject({ frames: 1, photons: 1 });
});

it('says in words why there is none', () => {
  expect(noDeconvolution('no decoder')).toEqual({ deconvolved: null, deconvolvedReason: 'no decoder' });
  expect(noDeconvolution(null).deconvolvedReason).toContain('no decoder');
});
