import { type Checkpoint, networkOf } from '../training/checkpoint.js';
import type { CompressionStudy } from './compression-study.js';
import { cramerRaoF } from './cramer-rao.js';
import { figuresOf } from './figures.js';
import { estimateByNetwork } from './network-estimates.js';
import { drawMonoPixels } from './pixel-set.js';

type MonoFigures = NonNullable<CompressionStudy['mono']>;

const TAUS_PS = [500, 1000, 2000, 3000, 4000];
const PHOTONS = 1000;
const BACKGROUND = 0.02;
const NS = 1000;

/**
 * F-values (√N · RMSE / tau, bias included) of a network trained on one lifetime, for single decays of known lifetime,
 * beside the Cramér–Rao bound with unknown background. The bound holds for unbiased estimators; the posterior mean
 * is not one, and may lie below it.
 */
export function monoFigures(
  checkpoint: Checkpoint,
  pixels: number,
  seed: number,
  threads: number,
): MonoFigures {
  const { options } = checkpoint;
  const network = networkOf(checkpoint, threads);
  const rows = TAUS_PS.map((tauPs) => {
    const counts = drawMonoPixels(options.prior, tauPs, PHOTONS, BACKGROUND, pixels, seed);
    const { found } = estimateByNetwork(network, options.precision, options.photonFeature, counts);
    const { rmse, bias } = figuresOf(found.map(({ tauIntensityPs }) => tauIntensityPs - tauPs));
    const f = (rmse / tauPs) * Math.sqrt(PHOTONS);
    const crbF = cramerRaoF(options.prior, tauPs, BACKGROUND, false);
    return { tauNs: tauPs / NS, f, crbF, ratio: f / crbF, biasNs: bias / NS };
  });
  network.dispose();
  return { photons: PHOTONS, background: BACKGROUND, rows, steps: checkpoint.step };
}
