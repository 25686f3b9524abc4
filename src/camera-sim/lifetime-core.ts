import type { LifetimeKernel } from '../lifetime/lifetime-job.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import type { FramePlanes } from './frame-planes.js';
import type { LifetimeCore } from './frame-renderer.js';

const HASH_BYTES = 8;

/** The network of the device's “FPGA”: the host's kernel, or the HLS core itself, fed with what the device measured. */
export class KernelCore implements LifetimeCore {
  readonly modelHash: Uint8Array;
  readonly minPhotons: number;

  constructor(
    model: ModelPackage,
    private readonly kernel: Pick<LifetimeKernel, 'computeSync'>,
  ) {
    this.modelHash = Uint8Array.from(Buffer.from(model.hash, 'hex').subarray(0, HASH_BYTES));
    this.minPhotons = model.network.minPhotons;
  }

  compute(planes: FramePlanes, firstRow: number, rowCount: number, minPhotons: number): void {
    const { width, bins } = planes;
    const from = firstRow * width;
    const to = from + rowCount * width;
    this.kernel.computeSync({
      histograms: planes.histograms.subarray(from * bins, to * bins),
      pixels: to - from,
      bins,
      minPhotons,
      lifetimeAmplitude: planes.lifetimeAmplitude.subarray(from, to),
      lifetimeIntensity: planes.lifetimeIntensity.subarray(from, to),
      standardErrorAmplitude: planes.standardErrorAmplitude.subarray(from, to),
      standardErrorIntensity: planes.standardErrorIntensity.subarray(from, to),
      photons: planes.photons.subarray(from, to),
    });
  }
}
