import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import type { IntegerNetwork } from '../../src/lifetime/integer-network.js';
import { type LifetimeJob, lifetimeMapNames, type LifetimeMaps } from '../../src/lifetime/lifetime-job.js';
import { createKernel, simdNames } from '../../src/lifetime/native.js';
import { ReferenceKernel } from '../../src/lifetime/reference.js';
import { emptyJob, evenPlan, randomHistograms } from '../support/random-histograms.js';
import { type NetworkStyle, randomNetwork } from '../support/random-network.js';

const everySimd = simdNames();
const styles: NetworkStyle[] = ['trained', 'legal', 'extreme'];

const maps = (job: LifetimeMaps): LifetimeMaps =>
  Object.fromEntries(lifetimeMapNames.map((name) => [name, job[name]])) as unknown as LifetimeMaps;

/** The maps of a job by the reference, on arrays of its own. */
function reference(network: IntegerNetwork, plan: GatePlan, job: LifetimeJob): LifetimeMaps {
  const own = { ...job, ...maps(emptyJob(job.histograms, job.pixels, job.bins)) };
  new ReferenceKernel(network, plan).computeSync(own);
  return maps(own);
}

function expectAllEqual(network: IntegerNetwork, plan: GatePlan, job: LifetimeJob): LifetimeMaps {
  const expected = reference(network, plan, job);
  for (const simd of everySimd) {
    const own = { ...job, ...maps(emptyJob(job.histograms, job.pixels, job.bins)) };
    const kernel = createKernel(network, plan, { simd });
    kernel.computeSync(own);
    expect(kernel.simd).toBe(simd);
    expect(maps(own), simd).toEqual(expected);
  }
  return expected;
}

const valid = ({ lifetimeAmplitude }: LifetimeMaps) => lifetimeAmplitude.filter((ps) => ps > 0).length;

it('tests every kernel that this machine can run, the portable one among them', () => {
  console.log(`kernels on this machine: ${everySimd.join(', ')}`);
  expect(everySimd).toContain('scalar');
});

describe('every kernel has the bits of the reference', () => {
  const units = [4, 8, 12, 16, 20, 28, 32, 36, 48, 60, 64];
  const shapes = units.flatMap((hidden) => styles.map((style) => [hidden, style] as const));

  it.each(shapes)('%i units, %s encoder', (hidden, style) => {
    const random = new Random(hidden, styles.indexOf(style));
    const shape = { gates: 16, hidden, head: 1 + random.below(64) };
    const network = randomNetwork(random, shape, style, 'trained');
    const pixels = 53; // no multiple of any block
    const job = emptyJob(randomHistograms(random, pixels, 16), pixels, 16);
    expect(valid(expectAllEqual(network, evenPlan(16, 1), job))).toBeGreaterThan(pixels / 3);
  });

  it.each(shapes)('%i units, %s head', (hidden, style) => {
    const random = new Random(hidden, styles.indexOf(style), 1);
    const shape = { gates: 4, hidden, head: 1 + random.below(64) };
    const network = randomNetwork(random, shape, 'trained', style);
    expectAllEqual(network, evenPlan(4, 1), emptyJob(randomHistograms(random, 22, 4), 22, 4));
  });

  it.each([1, 2, 31, 32, 33, 64])('heads of %i units', (head) => {
    const random = new Random(100, head);
    const network = randomNetwork(random, { gates: 8, hidden: 32, head }, 'trained');
    const job = emptyJob(randomHistograms(random, 33, 8), 33, 8);
    expect(valid(expectAllEqual(network, evenPlan(8, 1), job))).toBeGreaterThan(11);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 17])('%i pixels', (pixels) => {
    const random = new Random(200, pixels);
    const network = randomNetwork(random, { gates: 8, hidden: 16, head: 16 }, 'trained');
    const histograms = Uint16Array.from({ length: pixels * 8 }, () => 1 + random.below(500));
    const result = expectAllEqual(network, evenPlan(8, 1), emptyJob(histograms, pixels, 8));
    expect(valid(result)).toBe(pixels);
  });

  it.each([1, 7, 256])('%i gates', (gates) => {
    const random = new Random(300, gates);
    const network = randomNetwork(random, { gates, hidden: 8, head: 8 }, 'trained');
    const job = emptyJob(randomHistograms(random, 22, gates), 22, gates);
    expectAllEqual(network, evenPlan(gates, 1), job);
  });
});

describe('gate plans', () => {
  const network = randomNetwork(new Random(400), { gates: 32, hidden: 32, head: 32 }, 'trained');

  it.each([1, 2, 3, 4, 5, 8, 16])('gates of %i bins, within a longer window', (width) => {
    const plan = evenPlan(32, width, 7, 7 + 32 * width + 3);
    const random = new Random(401, width);
    expectAllEqual(network, plan, emptyJob(randomHistograms(random, 22, plan.bins), 22, plan.bins));
  });

  it('uneven gates with gaps between them', () => {
    const random = new Random(402);
    const plan: GatePlan = { bins: 0, firstBin: new Uint16Array(32), endBin: new Uint16Array(32) };
    for (let gate = 0; gate < 32; gate++) {
      plan.firstBin[gate] = plan.bins + random.below(3);
      plan.endBin[gate] = plan.firstBin[gate]! + 1 + random.below(9);
      plan.bins = plan.endBin[gate]!;
    }
    expectAllEqual(network, plan, emptyJob(randomHistograms(random, 44, plan.bins), 44, plan.bins));
  });
});

describe('validity', () => {
  const random = new Random(500);
  const plan = evenPlan(8, 1);
  const network = randomNetwork(random, { gates: 8, hidden: 16, head: 16 }, 'trained');
  const histograms = Uint16Array.from({ length: 40 * 8 }, () => random.below(40));

  it('follows the higher of the two photon limits', () => {
    const results = [0, 100, 160].map((minPhotons) =>
      valid(
        expectAllEqual({ ...network, minPhotons: 100 }, plan, { ...emptyJob(histograms, 40, 8), minPhotons }),
      ),
    );
    expect(results[0]).toBe(results[1]);
    expect(results[2]).toBeLessThan(results[1]!);
    expect(results[2]).toBeGreaterThan(0);
  });

  it('ends at exactly 2^20 photons', () => {
    const edge = Uint16Array.from({ length: 3 * 32 }, () => 32768);
    edge[32]! -= 1;
    edge[64]! += 1;
    const wide = { ...network, gates: 32 };
    const { photons, lifetimeAmplitude } = expectAllEqual(wide, evenPlan(32, 1), emptyJob(edge, 3, 32));
    expect(Array.from(photons)).toEqual([2 ** 20, 2 ** 20 - 1, 2 ** 20 + 1]);
    expect(Array.from(lifetimeAmplitude, (ps) => ps > 0)).toEqual([true, true, false]);
  });

  it('keeps to the trained range of both lifetimes', () => {
    const all = reference(network, plan, emptyJob(histograms, 40, 8));
    const middle = (plane: Uint16Array) => Array.from(plane).sort((a, b) => a - b)[20]!;
    const [amplitude, intensity] = [middle(all.lifetimeAmplitude), middle(all.lifetimeIntensity)];
    for (const range of [
      [1, amplitude],
      [amplitude, 65535],
      [1, intensity],
      [intensity, 65535],
    ] as const) {
      const result = expectAllEqual(
        { ...network, lifetimeRangePs: range },
        plan,
        emptyJob(histograms, 40, 8),
      );
      expect(valid(result)).toBeLessThan(40);
    }
  });

  it('gives a standard error, at least 1 and at most 65535, to the valid pixels and to no other', () => {
    for (const [bias, least, most] of [
      [-(1 << 29), 1, 1],
      [1 << 29, 65535, 65535],
      [null, 1, 65535],
    ] as const) {
      const outputBiases = Int32Array.from(network.outputBiases);
      if (bias !== null) outputBiases.fill(bias, 2);
      const result = expectAllEqual(
        { ...network, outputBiases, minPhotons: 156 },
        plan,
        emptyJob(histograms, 40, 8),
      );
      expect(valid(result)).toBeGreaterThan(5);
      expect(valid(result)).toBeLessThan(35);
      for (const errors of [result.standardErrorAmplitude, result.standardErrorIntensity]) {
        expect(Array.from(errors, (ps) => ps > 0)).toEqual(
          Array.from(result.lifetimeAmplitude, (ps) => ps > 0),
        );
        const found = errors.filter((ps) => ps > 0);
        expect([Math.min(...found) >= least, Math.max(...found) <= most]).toEqual([true, true]);
      }
    }
  });

  it('leaves rows without data at zero', () => {
    const rowsValid = Uint8Array.of(1, 0, 0, 1, 1, 0, 1, 0);
    const job = { ...emptyJob(histograms, 40, 8), rowsValid, width: 5 };
    const { photons, lifetimeAmplitude } = expectAllEqual(network, plan, job);
    const hasData = Array.from(photons, (_, pixel) => rowsValid[Math.floor(pixel / 5)] === 1);
    expect(Array.from(photons, (count) => count > 0)).toEqual(hasData);
    expect(Array.from(lifetimeAmplitude, (ps) => ps > 0)).toEqual(hasData);
  });
});
