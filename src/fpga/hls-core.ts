import type { GatePlan } from '../lifetime/gate-plan.js';
import { checkNetwork, type IntegerNetwork } from '../lifetime/integer-network.js';
import { checkJob, type LifetimeJob } from '../lifetime/lifetime-job.js';
import { nativeAddon } from '../lifetime/native-addon.js';
import { coreImage } from './core-image.js';

/** What native/hls-core exports. */
interface CoreAddon {
  Core: new (options: { image: Uint32Array }) => { computeSync(job: LifetimeJob): void };
}

const addon = nativeAddon<CoreAddon>('flimd_core.node', 'the HLS core does');

/**
 * The HLS core of the bitstream, compiled for the host, with a model loaded as the device loads it. All rows are valid
 * to it: a device has measured every pixel that it computes.
 */
export class HlsCore {
  private readonly core: InstanceType<CoreAddon['Core']>;

  /**
   * @throws FlimdError FLIMD_E_NATIVE_MISSING; FLIMD_E_MODEL_FILE for a network out of its bounds, or an image that is
   *   larger than the core's memory
   */
  constructor(
    network: IntegerNetwork,
    private readonly plan: GatePlan,
    hash: string,
  ) {
    checkNetwork(network);
    this.core = new (addon().Core)({ image: coreImage(network, plan, hash) });
  }

  computeSync(job: LifetimeJob): void {
    checkJob(job, this.plan);
    this.core.computeSync(job);
  }
}
