import { Instrument } from '../../src/evaluation/instrument.js';
import type { DecayPrior } from '../../src/training/decays.js';
import { evenGates } from '../../src/training/option-text.js';
import { testPrior } from '../training/test-prior.js';

/** 12.5 ns in 32 gates, a 200 ps response that is exactly known, lifetimes of 0.2 to 5 ns. */
export function exactPrior(change: Partial<DecayPrior>): DecayPrior {
  return testPrior({
    gatesFs: evenGates(32, 390.625, 0),
    tauPs: [200, 5000],
    irfJitterPs: 0,
    irfWidthJitter: 0,
    background: [0, 0.1],
    ...change,
  });
}

/** What each gate expects of lifetimes with their parts of the light, sum 1. */
export function gateShares(
  prior: DecayPrior,
  components: readonly (readonly [tauPs: number, light: number])[],
  background: number,
  shiftPs = 0,
): Float64Array {
  const instrument = new Instrument(prior);
  const sum = new Float64Array(instrument.gates);
  for (const [tauPs, light] of components) {
    instrument.lightInGates(tauPs, shiftPs).forEach((part, gate) => (sum[gate] = sum[gate]! + light * part));
  }
  const seen = sum.reduce((total, part) => total + part);
  return sum.map(
    (part, gate) => (1 - background) * (part / seen) + background * instrument.widthShares[gate]!,
  );
}

/** So bright that its noise is the rounding to whole photons. */
export function brightPixel(shares: Float64Array): Uint32Array {
  return Uint32Array.from(shares, (share) => Math.round(1e8 * share));
}
