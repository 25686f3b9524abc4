import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { coreImage } from '../../src/fpga/core-image.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import type { ModelPackage } from '../../src/lifetime/model-package.js';
import { Random } from '../../src/random/random.js';
import { evenPlan } from '../support/random-histograms.js';
import { describeWithTool } from '../support/tools.js';
import { compileBench, folder, HASH, randomModel, root, run, writeVectors } from './core-program.js';

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
    expect(run(plain, file('vectors'), file('image'))).toMatchObject({
      status: 1,
      output: expect.stringContaining('the core refuses the image'),
    });
    expect(() => coreImage(larger.network, small, HASH, loadable)).toThrow('does not fit the core: 36 units');
  });

  // Words of an image for 32 units (hls/README.md): behind the last shift of the output layer the gates of the bins.
  const gatesAt = 1361;
  it.each([
    ['a shift of 0 in the encoder', 841, 0x0801_0800],
    ['a shift of 25 in the encoder', 841, 0x1901_0808],
    ['a shift of 0 in the hidden layer', gatesAt - 72, 0],
    ['a shift of 0 in the output layer', gatesAt - 4, 0],
    ['a shift of 25 in the output layer', gatesAt - 1, 25],
    ['a gate that the model does not have', gatesAt + 3, 0xffff_0004],
    ['a gate that no core has', gatesAt + 1, 0x8000_0000],
    ['no bin of the last gate', gatesAt + 3, 0xffff_ffff],
    ['a gate that begins again', gatesAt + 3, 0x0000_0003],
  ])('loads no image with %s', (_what, at, word) => {
    const runs = evenPlan(4, 2);
    const sound = randomModel(random, { hidden: 8, head: 3, gates: 4, style: 'trained' });
    writeVectors(file('vectors'), sound, runs, { random, pixels: 3 });
    const image = coreImage(sound.network, runs, HASH, loadable);
    expect(image.length).toBe(gatesAt + 4);
    writeFileSync(file('image'), new Uint8Array(image.buffer));
    expect(run(plain, file('vectors'), file('image')).status).toBe(0);
    image[at] = word;
    writeFileSync(file('image'), new Uint8Array(image.buffer));
    const { status, output } = run(plain, file('vectors'), file('image'));
    expect(output).toContain('the core refuses the image');
    expect(status).toBe(1);
  });

  it('fails its test bench, and does not hang, where TLAST is wrong', () => {
    for (const source of ['hls', 'native/generated'])
      cpSync(path.join(root, source), file(`wrong/${source}`), { recursive: true });
    const axis = file('wrong/hls/vendor/axis.h');
    const text = readFileSync(axis, 'utf8');
    const early = text.replace(
      'pixel == pixels - 1 && word == kResultWords - 1;',
      'pixel == 0 && word == 0;',
    );
    expect(early).not.toBe(text);
    writeFileSync(axis, early);
    const sources = ['hls/tb/flimd_core_stalls_tb.cpp', ...tops].map((source) =>
      path.relative(root, file(`wrong/${source}`)),
    );
    const parallelism = { lanes: 2, unroll: 4, turns: 3 };
    const wrong = compileBench(file('wrong'), model, plan, parallelism, sources);
    writeVectors(file('vectors'), model, plan, { random, pixels: 20 });
    const { status, output } = run(wrong, file('vectors'), '1');
    expect(output).toContain('TLAST is wrong at word 0\n');
    expect(status).toBe(1);
  }, 120_000);

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
