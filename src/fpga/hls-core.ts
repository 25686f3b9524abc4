import type { GatePlan } from '../lifetime/gate-plan.js';
import { checkNetwork, type IntegerNetwork } from '../lifetime/integer-network.js';
import { checkJob, type LifetimeJob } from '../lifetime/lifetime-job.js';
import { nativeAddon } from '../native-addon.js';
import { FlimdError } from '../protocol/errors.js';
import { coreImage } from './core-image.js';

/** What native/hls-core exports. */
interface CoreAddon {
  Core: new (options: { image: Uint32Array }) => { computeSync(job: LifetimeJob): void };
}

const addon = nativeAddon<CoreAddon>('Release/flimd_core.node', 'the HLS core does');

/**
 * The HLS core of the bitstream, compiled for the host, with a model loaded as the device loads it. All rows are valid
 * to it: a device has measured every pixel that it computes.
 */
export class HlsCore {
  private readonly core: InstanceType<CoreAddon['Core']>;

  /**
   * @throws FlimdError FLIMD_E_NATIVE_MISSING; FLIMD_E_MODEL_FILE for a network out of its bounds, an image that is
   *   larger than the core's memory, or one that the core refuses
   */
  constructor(
    network: IntegerNetwork,
    private readonly plan: GatePlan,
    hash: string,
  ) {
    checkNetwork(network);
    this.core = loadedCore(coreImage(network, plan, hash));
  }

  computeSync(job: LifetimeJob): void {
    checkJob(job, this.plan);
    this.core.computeSync(job);
  }
}

function loadedCore(image: Uint32Array): InstanceType<CoreAddon['Core']> {
  const { Core } = addon();
  try {
    return new Core({ image });
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_MODEL_FILE',
      `the core refuses the model: ${(cause as Error).message}`,
      {
        value: `${image.length} words`,
        expected: 'shifts of 1 to 24, and bins that are runs of all gates of the network, in their order',
        action: 'plan the gates for this model; make the package anew if it is damaged',
      },
      { cause },
    );
  }
}
