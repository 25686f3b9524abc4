import { expect, it } from 'vitest';
import type { Diagnostics } from '../../src/camera/diagnostics.js';
import { DiagnosticsWatch } from '../../src/run/diagnostics-watch.js';

const saying = (...errors: string[]) => ({
  errors,
  readDiagnostics: async (): Promise<Diagnostics> => ({
    sourceRevision: null,
    errors: [...errors],
    linkStallCycles: 0,
    eventsDropped: 0,
    eventsSaturated: 0,
  }),
});

it('gives each kind of error once a series, also the one that comes again in the next', async () => {
  const watch = new DiagnosticsWatch();
  const camera = saying('eventsLost');
  expect(await watch.look(camera, 1)).toEqual(['eventsLost']);
  expect(await watch.look(camera, 1)).toEqual([]);
  // Between series the flags are still those of the last one.
  expect(await watch.look(camera, null)).toEqual([]);
  expect(await watch.look(saying('eventsLost', 'binSaturated'), 1)).toEqual(['binSaturated']);
  expect(await watch.look(camera, 2)).toEqual(['eventsLost']);
  expect(await watch.look(camera, 2)).toEqual([]);
});

it('knows nothing of a camera that has just come', async () => {
  const watch = new DiagnosticsWatch();
  await watch.look(saying('eventsLost'), 1);
  expect(watch.latest?.errors).toEqual(['eventsLost']);
  watch.forget();
  expect(watch.latest).toBeNull();
  // A camera that comes with flags set: they are news.
  expect(await watch.look(saying('eventsLost'), null)).toEqual(['eventsLost']);
});

it('forgets what a camera says that has gone meanwhile', async () => {
  const watch = new DiagnosticsWatch();
  const late = watch.look(saying('eventsLost'), 1);
  watch.forget();
  expect(await late).toEqual([]);
  expect(watch.latest).toBeNull();
});

it('tells of an error once where an interrupt and the clock look together', async () => {
  const watch = new DiagnosticsWatch();
  const camera = saying('eventsLost');
  const both = await Promise.all([watch.look(camera, 1), watch.look(camera, 1)]);
  expect(both.flat()).toEqual(['eventsLost']);
});
