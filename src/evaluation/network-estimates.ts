import type { DecayTruth } from '../training/decays.js';
import { networkInputs } from '../training/inputs.js';
import type { Network } from '../training/network.js';
import { OUTPUTS, realOutput } from '../training/outputs.js';
import type { Precision } from '../training/quantize.js';

/** What a network in training says of pixels. */
export interface NetworkEstimates {
  /** [pixel] */
  found: DecayTruth[];
  /** [pixel] amplitude-weighted, intensity-weighted; ps */
  standardErrorsPs: [number, number][];
  /** [pixel][gates] the deconvolved decay, 1 at time zero; null without a decoder. */
  decays: Float32Array[] | null;
}

const BATCH = 500;

/** Runs a network over pixels given as photons in every gate. Needs `startTensors`. */
export function estimateByNetwork(
  network: Network,
  precision: Precision | null,
  photonFeature: readonly [number, number],
  counts: readonly Uint32Array[],
): NetworkEstimates {
  const { gates, decoder } = network.shape;
  const estimates: NetworkEstimates = { found: [], standardErrorsPs: [], decays: decoder ? [] : null };
  for (let first = 0; first < counts.length; first += BATCH) {
    const pixels = counts.slice(first, first + BATCH);
    const x = new Float32Array(pixels.length * gates);
    const u = Float32Array.from(pixels, (ofPixel, pixel) => {
      const photons = ofPixel.reduce((sum, count) => sum + count, 0);
      return networkInputs(ofPixel, photons, photonFeature, x.subarray(pixel * gates, (pixel + 1) * gates));
    });
    const { outputs, decays } = network.predict({ x, u }, precision);
    for (let pixel = 0; pixel < pixels.length; pixel++) {
      const of = (output: number): number => realOutput(output, outputs[pixel * OUTPUTS + output]!);
      estimates.found.push({
        tauAmplitudePs: of(0),
        tauIntensityPs: of(1),
        tau1Ps: of(4),
        tau2Ps: of(5),
        fraction1: of(6),
      });
      estimates.standardErrorsPs.push([of(2), of(3)]);
      estimates.decays?.push(decays!.slice(pixel * gates, (pixel + 1) * gates));
    }
  }
  return estimates;
}
