import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import { loadModelPackage } from '../../src/lifetime/model-package.js';
import { Random } from '../../src/random/random.js';
import { evenPlan } from '../support/random-histograms.js';
import { describeWithTool } from '../support/tools.js';
import { compileBench, folder, randomModel, root, run, writeVectors } from './core-program.js';

const directory = folder();
afterAll(() => rmSync(directory, { recursive: true }));

const bench = ['hls/tb/flimd_core_tb.cpp', 'hls/top/flimd_core.cpp'];
const decayBench = ['hls/tb/flimd_decay_tb.cpp', 'hls/top/flimd_decay.cpp'];

/** Gates of 1 to 5 bins with holes between them, on a number of bins that is no multiple of a beat. */
const uneven: GatePlan = {
  bins: 43,
  firstBin: Uint16Array.of(2, 3, 4, 5, 9, 15, 20, 30, 41),
  endBin: Uint16Array.of(3, 4, 5, 8, 14, 20, 24, 31, 43),
};

const trained = { style: 'trained' } as const;
const legal = { style: 'legal' } as const;
const extreme = { style: 'extreme' } as const;

describeWithTool('c++', 'the HLS core', () => {
  it.each([
    { hidden: 4, head: 3, lanes: 1, unroll: 1, turns: 1, plan: evenPlan(5, 2), ...trained, pixels: 23 },
    { hidden: 4, head: 4, lanes: 2, unroll: 4, turns: 8, plan: uneven, ...legal, pixels: 33 },
    { hidden: 12, head: 5, lanes: 3, unroll: 12, turns: 3, plan: uneven, ...trained, pixels: 40 },
    { hidden: 16, head: 16, lanes: 4, unroll: 2, turns: 5, plan: evenPlan(16, 4), ...extreme, pixels: 61 },
    { hidden: 16, head: 1, lanes: 8, unroll: 8, turns: 2, plan: evenPlan(1, 6, 3), ...legal, pixels: 50 },
    { hidden: 32, head: 32, lanes: 8, unroll: 32, turns: 4, plan: evenPlan(32, 2), ...trained, pixels: 70 },
    { hidden: 64, head: 64, lanes: 2, unroll: 16, turns: 8, plan: evenPlan(32, 8), ...trained, pixels: 45 },
    { hidden: 64, head: 64, lanes: 1, unroll: 64, turns: 7, plan: evenPlan(12, 1), ...extreme, pixels: 34 },
  ])(
    'gives the bits of the reference: $hidden units, head $head, $lanes lanes, unroll $unroll, $turns turns, $style',
    ({ plan, pixels, lanes, unroll, turns, ...shape }) => {
      const random = new Random(shape.hidden * 100 + lanes);
      const model = randomModel(random, { ...shape, gates: plan.firstBin.length, headStyle: 'trained' });
      const place = path.join(directory, `core-${shape.hidden}-${unroll}`);
      const program = compileBench(place, model, plan, { lanes, unroll, turns }, bench);
      // No multiple of the block, a single pixel, more than a block.
      for (const count of [1, pixels]) {
        const vectors = path.join(place, 'vectors');
        const valid = writeVectors(vectors, model, plan, { random, pixels: count });
        expect(run(program, vectors)).toEqual({
          status: 0,
          output: `passed: ${count} pixels, 0 words differ\n`,
        });
        if (count > 1) expect(valid).toBeGreaterThan(count / 4);
      }
    },
    120_000,
  );

  it('obeys the limits: photons that host and model ask for, trained range, saturated heads', () => {
    const random = new Random(77);
    const plan = evenPlan(8, 2);
    const shape = { hidden: 8, head: 8, gates: 8 };
    const model = randomModel(random, {
      ...shape,
      ...legal,
      headStyle: 'legal',
      lifetimeRangePs: [300, 65_000],
    });
    const place = path.join(directory, 'limits');
    const program = compileBench(place, model, plan, { lanes: 2, unroll: 8, turns: 2 }, bench);
    for (const minPhotons of [0, 500, 1 << 20]) {
      const vectors = path.join(place, 'vectors');
      writeVectors(vectors, model, plan, { random, pixels: 66, minPhotons });
      expect(run(program, vectors).output).toBe('passed: 66 pixels, 0 words differ\n');
    }
  });

  it.each([
    { hidden: 4, head: 4, lanes: 1, unroll: 2, turns: 3, plan: uneven, ...trained },
    { hidden: 32, head: 32, lanes: 4, unroll: 16, turns: 2, plan: evenPlan(32, 2), ...legal },
  ])('has a decoder that gives the bits of the reference: $hidden units, $style', (wanted) => {
    const { plan, lanes, unroll, turns, ...shape } = wanted;
    const random = new Random(9 + shape.hidden);
    const model = randomModel(random, { ...shape, gates: plan.firstBin.length, decoder: true });
    const place = path.join(directory, `decay-${shape.hidden}`);
    const program = compileBench(place, model, plan, { lanes, unroll, turns }, decayBench);
    const vectors = path.join(place, 'vectors');
    writeVectors(vectors, model, plan, { random, pixels: 29 });
    expect(run(program, vectors)).toEqual({ status: 0, output: 'passed: 29 decays\n' });
  });

  it('fails its test bench where a result is wrong', () => {
    const random = new Random(4);
    const plan = evenPlan(4, 2);
    const model = randomModel(random, { hidden: 4, head: 4, gates: 4, ...trained });
    const place = path.join(directory, 'wrong');
    const program = compileBench(place, model, plan, { lanes: 1, unroll: 4, turns: 4 }, bench);
    const vectors = path.join(place, 'vectors');
    // One LSB of the offset of an output.
    const other = structuredClone(model);
    other.network.outputBiases[0]! += 1 << other.network.outputShifts[0]!;
    writeVectors(vectors, other, plan, { random, pixels: 20 });
    const { status, output } = run(program, vectors);
    expect(status).toBe(1);
    expect(output).toMatch(/pixel \d+ word 0: .*\nFAILED/);
  });
});

describeWithTool('c++', 'the core of the shipped model', () => {
  it('passes the committed vectors', async () => {
    const model = await loadModelPackage(path.join(root, 'models/cells-12.5ns-32'));
    const place = path.join(directory, 'shipped');
    const parallelism = { lanes: 4, unroll: 32, turns: 32 };
    const program = compileBench(place, model, evenPlan(32, 2), parallelism, bench);
    expect(run(program).output).toBe('passed: 37 pixels, 0 words differ\n');
  });
});
