import { FlimdError } from '../protocol/errors.js';
import type { GatePlan } from './gate-plan.js';

/** The lifetimes of an image and how sure they are, `[pixel]`. */
export interface LifetimeMaps {
  /** Amplitude-weighted mean lifetime, ps; 0 = no valid estimate. */
  lifetimeAmplitude: Uint16Array;
  /** Intensity-weighted mean lifetime, ps; 0 = no valid estimate. */
  lifetimeIntensity: Uint16Array;
  /** Standard error of `lifetimeAmplitude`, ps; at least 1 where there is an estimate, else 0. */
  standardErrorAmplitude: Uint16Array;
  /** Standard error of `lifetimeIntensity`, ps; at least 1 where there is an estimate, else 0. */
  standardErrorIntensity: Uint16Array;
  /** Photons in the gates of the model. */
  photons: Uint32Array;
}

/** The maps by name, in the order of the network's outputs, photons last. */
export const lifetimeMapNames = [
  'lifetimeAmplitude',
  'lifetimeIntensity',
  'standardErrorAmplitude',
  'standardErrorIntensity',
  'photons',
] as const satisfies readonly (keyof LifetimeMaps)[];

/** Histograms to turn into lifetimes, and where these go. The arrays may lie in shared memory. */
export interface LifetimeJob extends LifetimeMaps {
  /** Photons `[pixel][bin]`. */
  histograms: Uint16Array;
  pixels: number;
  bins: number;
  /** Pixels with fewer photons are invalid; raises the limit of the network, never lowers it. */
  minPhotons: number;
  /** One byte per row, 0 = no data: its pixels get 0 lifetimes and 0 photons. Needs `width`. */
  rowsValid?: Uint8Array | null;
  /** Pixels per row; only for `rowsValid`. */
  width?: number;
}

/** Computes lifetimes; every implementation gives the same bits (docs/fixed-point.md). */
export interface LifetimeKernel {
  /** Name of the implementation, for status and benchmarks. */
  readonly simd: string;
  /** Off the calling thread, split over `threads` others. The job's arrays are in use until the promise settles. */
  compute(job: LifetimeJob, threads?: number): Promise<void>;
  computeSync(job: LifetimeJob): void;
}

/** Throws FLIMD_E_INTERNAL where the arrays of a job do not fit its sizes: that is never the user's fault. */
export function checkJob(job: LifetimeJob, plan: GatePlan): void {
  const { pixels, bins, width, rowsValid } = job;
  expectThat(Number.isInteger(pixels) && pixels >= 0, 'pixels', pixels, 'a whole number');
  expectThat(bins === plan.bins, 'bins', bins, `${plan.bins}, as in the gate plan`);
  expectThat(
    Number.isInteger(job.minPhotons) && job.minPhotons >= 0,
    'minPhotons',
    job.minPhotons,
    'a whole number',
  );
  expectLength('histograms', job.histograms, pixels * bins);
  for (const name of lifetimeMapNames) expectLength(name, job[name], pixels);
  if (!rowsValid) return;
  expectThat(
    width !== undefined && width > 0 && pixels % width === 0,
    'width',
    width,
    `a divisor of ${pixels}`,
  );
  expectLength('rowsValid', rowsValid, pixels / width!);
}

function expectLength(name: string, array: { length: number }, least: number): void {
  expectThat(array.length >= least, `length of ${name}`, array.length, `at least ${least}`);
}

function expectThat(holds: boolean, name: string, value: unknown, expected: string): void {
  if (holds) return;
  throw new FlimdError('FLIMD_E_INTERNAL', `lifetime job: ${name} is ${value}, expected ${expected}`, {
    value,
    expected,
  });
}
