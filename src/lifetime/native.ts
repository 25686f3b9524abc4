import { availableParallelism } from 'node:os';
import { type Crc32c, crc32c as portableCrc32c } from '../protocol/crc32c.js';
import { FlimdError } from '../protocol/errors.js';
import type { GatePlan } from './gate-plan.js';
import { type IntegerNetwork, checkNetwork } from './integer-network.js';
import { type LifetimeJob, type LifetimeKernel, checkJob } from './lifetime-job.js';
import { nativeAddon } from '../native-addon.js';

/** Instruction sets with a kernel of their own. */
export type SimdName = 'avx512vnni' | 'avx2' | 'scalar';

/** What native/addon.cc exports. */
interface Addon {
  Kernel: new (
    network: IntegerNetwork,
    plan: GatePlan,
    simd: string,
  ) => {
    readonly simd: SimdName;
    compute(job: LifetimeJob, threads: number): Promise<void>;
    computeSync(job: LifetimeJob): void;
  };
  simdNames(): SimdName[];
  crc32c: Crc32c;
}

const MAX_THREADS = 256;
/** Below this many bytes the call into the addon costs more than the portable CRC. */
const NATIVE_CRC_FROM_BYTES = 48;

const addon = nativeAddon<Addon>('Release/flimd.node', 'the native kernels do');

/** The kernels this machine can run, fastest first. */
export function simdNames(): SimdName[] {
  return addon().simdNames();
}

export interface KernelOptions {
  /** Default: the environment variable FLIMD_SIMD, or else the fastest that this machine can run. */
  simd?: SimdName | 'auto';
}

/**
 * The native kernel for a network on the bins of a camera. Safe to use for several jobs at once.
 * @throws FlimdError FLIMD_E_NATIVE_MISSING; FLIMD_E_CONFIG where this machine has no such kernel;
 *   FLIMD_E_MODEL_FILE for a network out of its bounds
 */
export function createKernel(
  network: IntegerNetwork,
  plan: GatePlan,
  options: KernelOptions = {},
): LifetimeKernel {
  checkNetwork(network);
  return new NativeKernel(network, plan, chooseSimd(options.simd ?? process.env['FLIMD_SIMD'] ?? 'auto'));
}

function chooseSimd(wanted: string): SimdName {
  const available = simdNames();
  const found = wanted === 'auto' ? available[0] : available.find((name) => name === wanted);
  if (found) return found;
  throw new FlimdError('FLIMD_E_CONFIG', `there is no kernel "${wanted}" for this machine`, {
    value: wanted,
    expected: `auto, ${available.join(', ')}`,
    action: 'correct or unset FLIMD_SIMD',
  });
}

class NativeKernel implements LifetimeKernel {
  private readonly kernel: InstanceType<Addon['Kernel']>;

  constructor(
    network: IntegerNetwork,
    private readonly plan: GatePlan,
    simd: SimdName,
  ) {
    this.kernel = new (addon().Kernel)(network, plan, simd);
  }

  get simd(): SimdName {
    return this.kernel.simd;
  }

  async compute(job: LifetimeJob, threads = availableParallelism()): Promise<void> {
    checkJob(job, this.plan);
    await this.kernel.compute(job, Math.max(1, Math.min(MAX_THREADS, threads)));
  }

  computeSync(job: LifetimeJob): void {
    checkJob(job, this.plan);
    this.kernel.computeSync(job);
  }
}

/** CRC-32C by the processor's own instruction; the same result as `crc32c` of the protocol. */
export const nativeCrc32c: Crc32c = (bytes) =>
  bytes.length < NATIVE_CRC_FROM_BYTES ? portableCrc32c(bytes) : addon().crc32c(bytes);
