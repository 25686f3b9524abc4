import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/random/random.js';
import { type LifetimeJob, lifetimeMapNames } from '../../src/lifetime/lifetime-job.js';
import { createKernel, simdNames } from '../../src/lifetime/native.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { workerFile } from '../../src/worker-file.js';
import { emptyJob, evenPlan, randomHistograms } from '../support/random-histograms.js';
import { randomNetwork } from '../support/random-network.js';

const random = new Random(1);
const network = randomNetwork(random, { gates: 32, hidden: 32, head: 32 }, 'trained');
const plan = evenPlan(32, 1);
const pixels = 5000;
const histograms = randomHistograms(random, pixels, 32);
const kernel = createKernel(network, plan);
const expected = emptyJob(histograms, pixels, 32);
beforeAll(() => kernel.computeSync(expected));

/** The same job on memory that threads share. */
function sharedJob(): LifetimeJob {
  const shared = <T extends Uint16Array | Uint32Array>(array: T): T => {
    const type = array.constructor as new (buffer: SharedArrayBuffer) => T;
    const copy = new type(new SharedArrayBuffer(array.byteLength));
    copy.set(array);
    return copy;
  };
  const job = emptyJob(histograms, pixels, 32);
  return {
    ...job,
    histograms: shared(job.histograms),
    lifetimeAmplitude: shared(job.lifetimeAmplitude),
    lifetimeIntensity: shared(job.lifetimeIntensity),
    standardErrorAmplitude: shared(job.standardErrorAmplitude),
    standardErrorIntensity: shared(job.standardErrorIntensity),
    photons: shared(job.photons),
  };
}

function expectResult(job: LifetimeJob): void {
  for (const name of lifetimeMapNames) expect(Array.from(job[name])).toEqual(Array.from(expected[name]));
}

describe('compute', () => {
  it.each([1, 2, 3, 7])('gives the same over %i threads', async (threads) => {
    const job = emptyJob(histograms, pixels, 32);
    await kernel.compute(job, threads);
    expectResult(job);
  });

  it('works on shared memory, in both ways', async () => {
    const [later, now] = [sharedJob(), sharedJob()];
    await kernel.compute(later);
    kernel.computeSync(now);
    expectResult(later);
    expectResult(now);
  });

  it('works on views that begin in the middle of a buffer', async () => {
    const job = emptyJob(histograms, pixels, 32);
    const moved = new Uint16Array(histograms.length + 3);
    moved.set(histograms, 3);
    await kernel.compute({ ...job, histograms: moved.subarray(3) }, 2);
    expectResult(job);
  });

  it('serves jobs of several kernels at once', async () => {
    const jobs = Array.from({ length: 12 }, () => emptyJob(histograms, pixels, 32));
    const kernels = simdNames().map((simd) => createKernel(network, plan, { simd }));
    await Promise.all(jobs.map((job, i) => kernels[i % kernels.length]!.compute(job, 1 + (i % 3))));
    jobs.forEach(expectResult);
  });

  it('lets the JavaScript thread run meanwhile', async () => {
    const large = emptyJob(new Uint16Array(40_000 * 32).fill(9), 40_000, 32);
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    await createKernel(network, plan, { simd: 'scalar' }).compute(large, 1);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(2);
  });

  it('takes an empty image', async () => {
    await expect(kernel.compute(emptyJob(new Uint16Array(0), 0, 32))).resolves.toBeUndefined();
  });

  it('survives a worker thread that ends with jobs under way', async () => {
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(({ createKernel }) => {
        const kernel = createKernel(workerData.network, workerData.plan, { simd: 'scalar' });
        for (let i = 0; i < 20; i++) kernel.compute(workerData.job, 2);
        parentPort.postMessage('started');
      });
    `;
    const module = workerFile(
      new URL('../../src/lifetime/native.ts', import.meta.url).href,
      './native.js',
    ).href;
    const worker = new Worker(script, {
      eval: true,
      workerData: { module, network, plan, job: sharedJob() },
    });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    const job = emptyJob(histograms, pixels, 32);
    await kernel.compute(job, 2);
    expectResult(job);
  });
});

describe('wrong use', () => {
  const short = { ...emptyJob(histograms, pixels, 32), photons: new Uint32Array(pixels - 1) };

  it('is refused before anything is computed', async () => {
    await expect(kernel.compute(short)).rejects.toThrow('photons is 4999');
    expect(() => kernel.computeSync({ ...expected, bins: 31 })).toThrow('bins is 31');
    const rowsValid = new Uint8Array(9);
    expect(() => kernel.computeSync({ ...expected, rowsValid, width: 500 })).toThrow('rowsValid is 9');
    expect(() => kernel.computeSync({ ...expected, rowsValid, width: 3 })).toThrow('width is 3');
  });

  it('takes the kernel that FLIMD_SIMD names', () => {
    for (const simd of simdNames()) {
      vi.stubEnv('FLIMD_SIMD', simd);
      expect(createKernel(network, plan).simd).toBe(simd);
      expect(createKernel(network, plan, { simd: 'auto' }).simd).toBe(simdNames()[0]);
    }
    vi.stubEnv('FLIMD_SIMD', 'fast');
    expect(() => createKernel(network, plan)).toThrow('"fast"');
    vi.unstubAllEnvs();
  });

  it('names the kernels there are', () => {
    const unknown = () => createKernel(network, plan, { simd: 'mmx' as 'scalar' });
    expect(unknown).toThrow(FlimdError);
    expect(unknown).toThrow('"mmx"');
  });

  it('refuses a network out of its bounds', () => {
    const shifts = Uint8Array.from(network.shifts).fill(25, 3, 4);
    expect(() => createKernel({ ...network, shifts }, plan)).toThrow('shifts[3] is 25');
  });
});
