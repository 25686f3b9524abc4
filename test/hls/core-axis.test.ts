import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { coreImage } from '../../src/fpga/core-image.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import type { ModelPackage } from '../../src/lifetime/model-package.js';
import { Random } from '../../src/random/random.js';
import { evenPlan } from '../support/random-histograms.js';
import { describeWithTool } from '../support/tools.js';
import { compileBench, folder, HASH, randomModel, run, writeVectors } from './core-program.js';

const directory = folder();
afterAll(() => rmSync(directory, { recursive: true }));

/** Units of the core with weights at run time (hls/vendor/loadable_size.h). */
const loadable = { hidden: 32, head: 32 };
const tops = ['hls/vendor/flimd_core_axis.cpp', 'hls/vendor/flimd_core_loadable.cpp'];
const passed = (pixels: number) => `passed: ${pixels} pixels, 0 words differ`;

function writeImage(file: string, model: ModelPackage, plan: GatePlan): void {
  const image = coreImage(model.network, plan, HASH, loadable);
  writeFileSync(file, new Uint8Array(image.buffer));
}

describeWithTool('c++', 'the AXI-Stream core', () => {
  const random = new Random(21);
  const plan = evenPlan(10, 3, 1, 34);
  const model = randomModel(random, { hidden: 8, head: 6, gates: 10, style: 'trained' });
  const file = (name: string) => path.join(directory, name);
  let plain = '';
  let stalled = '';
  beforeAll(() => {
    const parallelism = { lanes: 2, unroll: 4, turns: 3 };
    const bench = (name: string) => [`hls/tb/flimd_core_${name}_tb.cpp`, ...tops];
    plain = compileBench(file('axis'), model, plan, parallelism, bench('axis'));
    stalled = compileBench(file('stalls'), model, plan, parallelism, bench('stalls'));
  }, 120_000);

  it.each([1, 6, 32])('with weights of its own answers %i pixels, TLAST at the end', (pixels) => {
    writeVectors(file('vectors'), model, plan, { random, pixels });
    expect(run(plain, file('vectors'))).toEqual({ status: 0, output: `${passed(pixels)}\n` });
  });

  it.each([
    { hidden: 32, head: 32, gates: 32, plan: evenPlan(32, 2), style: 'legal' as const },
    { hidden: 16, head: 9, gates: 11, plan: evenPlan(11, 4, 2, 50), style: 'trained' as const },
    { hidden: 4, head: 32, gates: 64, plan: evenPlan(64, 4), style: 'extreme' as const },
  ])('loads a model of $hidden units, head $head, $gates gates', ({ plan: gates, ...shape }) => {
    const loaded = randomModel(random, shape);
    writeVectors(file('vectors'), loaded, gates, { random, pixels: 150 });
    writeImage(file('image'), loaded, gates);
    expect(run(plain, file('vectors'), file('image'))).toEqual({ status: 0, output: `${passed(150)}\n` });
  });

  it('loads no image for another core', () => {
    const larger = randomModel(random, { hidden: 36, head: 8, gates: 4, style: 'trained' });
    const small = evenPlan(4, 2);
    writeVectors(file('vectors'), larger, small, { random, pixels: 3 });
    const image = coreImage(larger.network, small, HASH);
    writeFileSync(file('image'), new Uint8Array(image.buffer));
    expect(run(plain, file('vectors'), file('image')).status).toBe(1);
    expect(() => coreImage(larger.network, small, HASH, loadable)).toThrow('does not fit the core: 36 units');
  });

  it.each([
    { seed: 1, baked: true },
    { seed: 2, baked: true },
    { seed: 3, baked: false },
    { seed: 4, baked: false },
  ])(
    'loses and changes nothing where both streams stall, seed $seed, weights of its own: $baked',
    (wanted) => {
      const pixels = 300;
      writeVectors(file('vectors'), model, plan, { random, pixels });
      writeImage(file('image'), model, plan);
      const image = wanted.baked ? [] : [file('image')];
      const { status, output } = run(stalled, file('vectors'), String(wanted.seed), ...image);
      expect(output).toContain(passed(pixels));
      expect(status).toBe(0);
      // Both queues were full and empty again and again.
      const waits = /waits for room (\d+) and (\d+), for beats (\d+) and (\d+)/.exec(output)!.slice(1);
      for (const count of waits) expect(Number(count)).toBeGreaterThan(10);
    },
  );
});
