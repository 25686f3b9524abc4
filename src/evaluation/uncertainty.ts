import type { DecayTruth, MeanLifetimes } from '../training/decays.js';
import type { CompressionStudy } from './compression-study.js';

type UncertaintyRow = NonNullable<CompressionStudy['uncertainty']>['rows'][number];

/** Classes of estimated lifetime are of equal numbers of pixels. */
const CLASSES = 4;
const NS = 1000;

/**
 * Predicted against true standard error of tau_amp, for classes of the *estimated* lifetime: that is what a user
 * sees. (For a class of true lifetimes the posterior mean is biased by design: docs/training.md.)
 */
export function uncertaintyRows(
  photons: number,
  {
    found,
    standardErrorsPs,
  }: {
    found: readonly MeanLifetimes[];
    standardErrorsPs: readonly (readonly [number, number])[];
  },
  truths: readonly DecayTruth[],
): UncertaintyRow[] {
  const order = found
    .map((_, pixel) => pixel)
    .sort((a, b) => found[a]!.tauAmplitudePs - found[b]!.tauAmplitudePs);
  return Array.from({ length: CLASSES }, (_, at) => {
    const pixels = order.slice(
      Math.round((at * order.length) / CLASSES),
      Math.round(((at + 1) * order.length) / CLASSES),
    );
    const rms = (value: (pixel: number) => number): number =>
      Math.sqrt(pixels.reduce((sum, pixel) => sum + value(pixel) ** 2, 0) / pixels.length);
    const predictedNs = rms((pixel) => standardErrorsPs[pixel]![0]) / NS;
    const trueNs = rms((pixel) => found[pixel]!.tauAmplitudePs - truths[pixel]!.tauAmplitudePs) / NS;
    return {
      photons,
      tauFromNs: found[pixels[0]!]!.tauAmplitudePs / NS,
      tauToNs: found[pixels.at(-1)!]!.tauAmplitudePs / NS,
      predictedNs,
      trueNs,
      ratio: predictedNs / trueNs,
    };
  });
}
