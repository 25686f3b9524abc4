import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { coreHeader, type CoreParallelism } from '../../src/fpga/core-header.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import { type LifetimeJob, lifetimeMapNames } from '../../src/lifetime/lifetime-job.js';
import type { ModelPackage } from '../../src/lifetime/model-package.js';
import { createKernel } from '../../src/lifetime/native.js';
import { gateCounts, ReferenceKernel } from '../../src/lifetime/reference.js';
import { decodeDecay } from '../../src/lifetime/reference-decoder.js';
import type { Random } from '../../src/random/random.js';
import { randomDecoder } from '../support/random-decoder.js';
import { emptyJob, randomHistograms } from '../support/random-histograms.js';
import { type NetworkStyle, randomNetwork } from '../support/random-network.js';

export const root = path.resolve(import.meta.dirname, '../..');
export const HASH = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'.repeat(2);
export const folder = (): string => mkdtempSync(path.join(tmpdir(), 'flimd-hls-'));

export interface RandomModel {
  hidden: number;
  head: number;
  gates: number;
  style: NetworkStyle;
  /** Of the head; the trained one lets most of the encoder's state be seen. */
  headStyle?: NetworkStyle;
  decoder?: boolean;
  /** Of the trained range: some of the pixels are out of it. */
  lifetimeRangePs?: [number, number];
}

export function randomModel(random: Random, wanted: RandomModel): ModelPackage {
  const { hidden, head, gates, style, headStyle = 'trained', lifetimeRangePs } = wanted;
  const network = randomNetwork(random, { hidden, head, gates }, style, headStyle);
  const decoder = wanted.decoder ? { ...randomDecoder(random, hidden, style), stepFs: 1, zeroFs: 0 } : null;
  return {
    ...{ name: 'random', description: '', training: {}, accuracy: {}, hash: HASH, decoder },
    network: { ...network, ...(lifetimeRangePs && { lifetimeRangePs }) },
    timing: { laserPeriodFs: 1, gatesFs: [] },
  };
}

/** Pixels with what the reference makes of them; the native kernel has to agree. */
export function expectedResults(
  model: ModelPackage,
  plan: GatePlan,
  histograms: Uint16Array,
  pixels: number,
  minPhotons: number,
): LifetimeJob {
  const job = { ...emptyJob(histograms, pixels, plan.bins), minPhotons };
  const native = { ...emptyJob(histograms, pixels, plan.bins), minPhotons };
  new ReferenceKernel(model.network, plan).computeSync(job);
  createKernel(model.network, plan).computeSync(native);
  for (const name of lifetimeMapNames) {
    if (!Buffer.from(job[name].buffer).equals(Buffer.from(native[name].buffer))) {
      throw new Error(`reference and native kernel differ in ${name}`);
    }
  }
  return job;
}

/** Writes a vectors file (hls/tb/vectors.h) of random pixels; the number of pixels that have lifetimes. */
export function writeVectors(
  file: string,
  model: ModelPackage,
  plan: GatePlan,
  { random, pixels, minPhotons = 1 }: { random: Random; pixels: number; minPhotons?: number },
): number {
  const histograms = randomHistograms(random, pixels, plan.bins);
  const job = expectedResults(model, plan, histograms, pixels, minPhotons);
  const { network, decoder } = model;
  const steps = decoder ? network.gates : 0;
  const rows = Array.from({ length: pixels }, (_, pixel) => [
    ...histograms.subarray(pixel * plan.bins, (pixel + 1) * plan.bins),
    ...[job.lifetimeAmplitude, job.lifetimeIntensity, job.photons].map((plane) => plane[pixel]!),
    ...[job.standardErrorAmplitude, job.standardErrorIntensity].map((plane) => plane[pixel]!),
    ...(decoder
      ? (decodeDecay(network, decoder, gateCounts(histograms, pixel, plan)) ?? new Uint16Array(steps))
      : []),
  ]);
  const head = [plan.bins, pixels, minPhotons, steps];
  writeFileSync(file, [head, ...rows].map((row) => row.join(' ')).join('\n'));
  return job.lifetimeAmplitude.filter((tau) => tau > 0).length;
}

/** Compiles a test bench for a model; the program. */
export function compileBench(
  directory: string,
  model: ModelPackage,
  plan: GatePlan,
  parallelism: CoreParallelism,
  sources: readonly string[],
): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'model.h'), coreHeader(model, plan, parallelism));
  const program = path.join(directory, 'bench');
  execFileSync(process.env['CXX'] ?? 'c++', [
    ...['-std=c++14', '-O1', '-Wall', '-Wextra', '-Werror', '-pthread'],
    ...['-I', directory, '-I', path.join(root, 'hls/sim/vendor')],
    ...sources.map((source) => path.join(root, source)),
    ...['-o', program],
  ]);
  return program;
}

/** What a program prints and how it ends; one that hangs is ended. */
export function run(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(program, args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  return { status, output: stdout };
}
