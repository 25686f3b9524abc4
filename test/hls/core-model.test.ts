import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { coreImage } from '../../src/fpga/core-image.js';
import { Random } from '../../src/random/random.js';
import { evenPlan } from '../support/random-histograms.js';
import { describeWithTool } from '../support/tools.js';
import { folder, HASH, randomModel, root, run, writeVectors } from './core-program.js';

describeWithTool('c++', 'the core model of simulations', () => {
  const directory = folder();
  const program = path.join(directory, 'check');
  const sources = ['test/hls/core-model-check.cc', 'hls/sim/core_model.cpp', 'hls/sim/host_core.cpp'];
  beforeAll(() => {
    const files = sources.map((source) => path.join(root, source));
    const flags = ['-std=c++14', '-O1', '-Wall', '-Wextra', '-Werror'];
    execFileSync(process.env['CXX'] ?? 'c++', [...flags, ...files, '-o', program]);
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    { hidden: 12, head: 20, bins: 32, blockPixels: 8, pixels: 50 },
    { hidden: 32, head: 32, bins: 34, blockPixels: 128, pixels: 300 },
    { hidden: 36, head: 5, bins: 33, blockPixels: 1, pixels: 9 },
  ])('answers calls, stalls, loads and resets: $hidden units, blocks of $blockPixels', (wanted) => {
    const { hidden, head, bins, blockPixels, pixels } = wanted;
    const random = new Random(hidden);
    const plan = evenPlan(8, 4, 0, bins);
    const model = randomModel(random, { hidden, head, gates: 8, style: 'trained' });
    const [vectors, image] = [path.join(directory, 'vectors'), path.join(directory, 'image')];
    writeVectors(vectors, model, plan, { random, pixels });
    writeFileSync(image, new Uint8Array(coreImage(model.network, plan, HASH).buffer));
    const { status, output } = run(program, vectors, image, String(hidden), String(blockPixels));
    expect(output).toMatch(new RegExp(`^passed: ${pixels} pixels, \\d+ beats refused\n$`));
    expect(status).toBe(0);
  });
});
