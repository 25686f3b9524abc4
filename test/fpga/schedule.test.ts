import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CoreSize,
  loopsOf,
  recurrenceCycles,
  scheduleOf,
  turnsForEveryCycle,
} from '../../src/fpga/schedule.js';

const root = path.resolve(import.meta.dirname, '../..');
const size: CoreSize = { bins: 64, gates: 32, hidden: 32, head: 32, lanes: 4, unroll: 32, turns: 32 };

/** Names of the pipelined loops in the headers of the core: the last FLIMD_LOOP before each FLIMD_PIPELINE. */
function pipelinedLoops(file: string): string[] {
  const text = readFileSync(path.join(root, 'hls', file), 'utf8');
  const names: string[] = [];
  let name = '';
  for (const [, loop] of text.matchAll(/FLIMD_LOOP\((\w+)\)|FLIMD_PIPELINE\(\d+\)/g)) {
    if (loop) name = loop;
    else names.push(name);
  }
  return names;
}

describe('the schedule', () => {
  it('has the pipelined loops of the core, and no other', () => {
    const headers = readdirSync(path.join(root, 'hls/core')).filter((name) => name.endsWith('.h'));
    // The decoder and the loading of a model are not on the way of a pixel; passing photons on is hidden behind the recurrence.
    const aside = /^(decay_decoder|baked_decoder|loadable_model|pragmas)/;
    const core = headers
      .filter((name) => !aside.test(name))
      .flatMap((name) => pipelinedLoops(`core/${name}`));
    const streams = pipelinedLoops('vendor/axis.h').filter((name) => !name.startsWith('nothing_'));
    const loops = [...core, ...streams].filter((name) => name !== 'pass_turns');
    expect(
      loopsOf(size)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(loops.sort());
  });

  it('is the recurrence alone when that is slowest: gates × units × columns cycles a pixel and lane', () => {
    const schedule = scheduleOf(size);
    expect(schedule.slowest).toBe('recur');
    expect(schedule.encoderInterval).toBe(1);
    const ideal = (size.gates * size.hidden) / size.lanes;
    expect(schedule.cyclesPerPixel).toBeGreaterThan(ideal);
    expect(schedule.cyclesPerPixel).toBeLessThan(1.01 * ideal);
  });

  it('waits for the state where there are too few turns', () => {
    const fewest = turnsForEveryCycle(size);
    expect(fewest).toBe(recurrenceCycles);
    expect(scheduleOf({ ...size, turns: fewest }).encoderInterval).toBe(1);
    expect(scheduleOf({ ...size, turns: fewest - 1 }).encoderInterval).toBe(2);
    // Without turns every iteration waits for the one before.
    const alone = scheduleOf({ ...size, turns: 1 });
    expect(alone.encoderInterval).toBe(recurrenceCycles);
    expect(alone.cyclesPerPixel).toBeGreaterThan(15 * scheduleOf(size).cyclesPerPixel);
  });

  it('comes to the stream where lanes are many: 16 beats a pixel of 64 bins', () => {
    const schedule = scheduleOf({ ...size, lanes: 128 });
    expect(schedule.slowest).toBe('gather');
    expect(schedule.cyclesPerPixel).toBeCloseTo(16, 1);
  });

  it('takes half the time with half the gates or twice the lanes', () => {
    const { cyclesPerPixel } = scheduleOf(size);
    expect(scheduleOf({ ...size, gates: 16 }).cyclesPerPixel / cyclesPerPixel).toBeCloseTo(0.5, 2);
    expect(scheduleOf({ ...size, lanes: 8 }).cyclesPerPixel / cyclesPerPixel).toBeCloseTo(0.5, 5);
  });
});
