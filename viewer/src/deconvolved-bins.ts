import type { DeconvolvedDecay } from '../../src/protocol/index.js';

export interface ShownBins {
  bins: number;
  binWidthPs: number;
  /** Photons of the decay that it is drawn over. */
  photons: number;
}

/**
 * The deconvolved decay over the bins of the measured one, with as many photons (those of the background among them);
 * null before its time zero and after its last step.
 */
export function deconvolvedPerBin(
  { startPs, stepPs, values }: Pick<DeconvolvedDecay, 'startPs' | 'stepPs' | 'values'>,
  { bins, binWidthPs, photons }: ShownBins,
): (number | null)[] {
  const areaPs = stepPs * values.reduce((sum, value) => sum + value, 0);
  const photonsPerBin = areaPs > 0 ? (photons * binWidthPs) / areaPs : 0;
  return Array.from({ length: bins }, (_, bin) => {
    const value = values[Math.floor(((bin + 0.5) * binWidthPs - startPs) / stepPs)];
    return value === undefined ? null : photonsPerBin * value;
  });
}
