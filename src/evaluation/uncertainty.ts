import type { DecayTruth, MeanLifetimes } from '../training/decays.js';
import type { CompressionStudy } from './compression-study.js';

type UncertaintyRow = NonNullable<CompressionStudy['uncertainty']>['rows'][number];

/** Classes of estimated lifetime are of equal numbers of pixels. */
const CLASSES = 4;
const NS = 1000;

/**
 * Predicted against true standard error of tau_amp, for quarters of the pixels by *estimated* lifetime: that is what
 * a user sees. For a class of true lifetimes no estimator can promise as much: the posterior mean is drawn towards the
 * prior there, and a pixel does not say in which class it is.
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
      quarter: at + 1,
      tauFromNs: rounded(found[pixels[0]!]!.tauAmplitudePs / NS),
      tauToNs: rounded(found[pixels.at(-1)!]!.tauAmplitudePs / NS),
      predictedNs,
      trueNs,
      ratio: predictedNs / trueNs,
    };
  });
}

const rounded = (ns: number): number => Math.max(0.01, Number(ns.toFixed(2)));
