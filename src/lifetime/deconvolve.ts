import { fixedPoint } from '../protocol/fixed-point.js';
import { psFromFs } from '../protocol/units.js';
import { type CameraTiming, type ModelTiming, planGates } from './gate-plan.js';
import type { IntegerDecoder } from './integer-decoder.js';
import type { IntegerNetwork } from './integer-network.js';
import { decodeDecay } from './reference-decoder.js';

/** A package with a decoder. */
interface DecodingModel {
  network: IntegerNetwork;
  decoder: IntegerDecoder;
  timing: ModelTiming;
}

/** The decay behind a histogram; docs/api.md says what its parts are. */
export interface DeconvolvedHistogram {
  startPs: number;
  stepPs: number;
  values: number[];
  photons: number;
}

/**
 * Deconvolves histograms of one pixel or the sum of many, in the reference arithmetic: a fraction of a millisecond
 * for 32 units and 32 gates. In words why not where there are too few photons.
 * @throws FlimdError FLIMD_E_MODEL_* where the gates do not fit the camera
 */
export function histogramDeconvolver(
  { network, decoder, timing }: DecodingModel,
  camera: CameraTiming,
): (histogram: Float64Array) => DeconvolvedHistogram | string {
  const { firstBin, endBin } = planGates(timing, camera);
  return (histogram) => {
    const counts = Float64Array.from(firstBin, (first, gate) => sum(histogram.subarray(first, endBin[gate])));
    const photons = sum(counts);
    const decay = decodeDecay(network, decoder, withinPhotonLimit(counts, photons));
    if (decay === null) {
      return `the network needs ${network.minPhotons} photons, there are ${photons} in its gates`;
    }
    return {
      startPs: psFromFs(decoder.zeroFs),
      stepPs: psFromFs(decoder.stepFs),
      values: Array.from(decay, (value) => value / fixedPoint.decayOne),
      photons,
    };
  };
}

/** Sums go beyond the photons that the arithmetic takes: the counts divided by the least power of two that fits. */
function withinPhotonLimit(counts: Float64Array, photons: number): Uint32Array {
  const halvings = Math.max(0, Math.ceil(Math.log2(photons / fixedPoint.maxPhotons)));
  return Uint32Array.from(counts, (count) => Math.floor(count / 2 ** halvings));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
