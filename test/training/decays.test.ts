import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import {
  type DecayPrior,
  DecaySource,
  decayStepPs,
  type DecayTruth,
  deconvolvedDecay,
  drawCounts,
  drawLogUniform,
} from '../../src/training/decays.js';
import { irfNodes } from '../../src/training/irf.js';
import { WrappedDecay } from '../../src/training/wrapped-decay.js';
import { testPrior } from './test-prior.js';

/**
 * Gate probabilities by brute force: the response and the decay in steps of `stepPs`, pulse after pulse until
 * nothing is left of the first.
 */
function gatesByPulses(prior: DecayPrior, centrePs: number, tauPs: number): number[] {
  const periodPs = prior.laserPeriodFs / 1000;
  const { offsetsPs, weights } = irfNodes(prior.irf);
  const pulses = Math.ceil((40 * tauPs) / periodPs) + 2;
  const upTo = (timePs: number): number => (timePs <= 0 ? 0 : 1 - Math.exp(-timePs / tauPs));
  return prior.gatesFs.map(([startFs, endFs]) => {
    let sum = 0;
    for (let pulse = -2; pulse < pulses; pulse++) {
      offsetsPs.forEach((offset, node) => {
        const excited = centrePs + offset - pulse * periodPs;
        sum += weights[node]! * (upTo(endFs / 1000 - excited) - upTo(startFs / 1000 - excited));
      });
    }
    return sum;
  });
}

function gatesInClosedForm(prior: DecayPrior, centrePs: number, tauPs: number): Float64Array {
  const [starts, ends] = [0, 1].map((side) => prior.gatesFs.map((gate) => gate[side]! / 1000));
  const decay = new WrappedDecay(starts!, ends!, prior.laserPeriodFs / 1000, irfNodes(prior.irf));
  decay.place(centrePs, 1);
  const gates = new Float64Array(prior.gatesFs.length);
  decay.addTo(gates, tauPs, 1);
  return gates;
}

describe('a wrapped decay', () => {
  const whole = testPrior({});
  const gaps = testPrior({
    laserPeriodFs: 13_157_895,
    gatesFs: [
      [1_600_000, 2_000_000],
      [2_000_000, 2_400_000],
      [3_000_000, 4_000_000],
      [5_000_000, 11_000_000],
    ],
    irf: { kind: 'rectangle', widthPs: 1600 },
  });

  // Short against the period, longer than it, far longer; a response inside, at both ends of and outside the window.
  it.each([[30], [500], [4000], [30_000]])('τ %i ps: the sum over all pulses before', (tauPs) => {
    for (const prior of [whole, gaps]) {
      for (const centrePs of [1500, 0, -400, 12_400, 20_000]) {
        const found = gatesInClosedForm(prior, centrePs, tauPs);
        gatesByPulses(prior, centrePs, tauPs).forEach((expected, gate) => {
          expect(Math.abs(found[gate]! - expected)).toBeLessThan(1e-9);
        });
      }
    }
  });

  it('puts every photon into gates that cover the period', () => {
    const gates = gatesInClosedForm(whole, 1500, 2500);
    expect(gates.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
  });
});

describe('the quadrature of the response', () => {
  it('has the width and weight of a Gaussian', () => {
    const { offsetsPs, weights } = irfNodes({ kind: 'gaussian', fwhmPs: 200 });
    const variance = offsetsPs.reduce((sum, offset, k) => sum + weights[k]! * offset ** 2, 0);
    expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
    expect(Math.sqrt(variance)).toBeGreaterThan(0.97 * (200 / 2.3548));
    expect(Math.sqrt(variance)).toBeLessThan(200 / 2.3548);
  });

  it('is as wide as its rectangle', () => {
    const { offsetsPs, weights } = irfNodes({ kind: 'rectangle', widthPs: 1600 });
    const variance = offsetsPs.reduce((sum, offset, k) => sum + weights[k]! * offset ** 2, 0);
    expect(Math.sqrt(12 * variance)).toBeCloseTo(1600, -1);
  });
});

describe('drawing decays', () => {
  const shares = (prior: DecayPrior) => new Float64Array(prior.gatesFs.length);

  it('gives the truth by its definitions, from a decay whose components it can be told from', () => {
    const prior = testPrior({
      tauPs: [1000, 1000],
      species: { tau1Ps: [500, 500], tau2Ps: [3000, 3000], share: 1 },
    });
    const random = new Random(3);
    const source = new DecaySource(prior);
    for (let draw = 0; draw < 20; draw++) {
      const { tauAmplitudePs, tauIntensityPs } = source.draw(random, 500, shares(prior));
      // Photon fraction f of the first component from τ_int = 500 f + 3000 (1 − f); then amplitudes f/500, (1−f)/3000.
      const f = (3000 - tauIntensityPs) / 2500;
      const [a1, a2] = [f / 500, (1 - f) / 3000];
      expect(tauAmplitudePs).toBeCloseTo((a1 * 500 + a2 * 3000) / (a1 + a2), 6);
    }
  });

  it('draws fractions uniform in photons, or in amplitude', () => {
    for (const fractionOf of ['photons', 'amplitude'] as const) {
      const prior = testPrior({
        fractionOf,
        species: { tau1Ps: [500, 500], tau2Ps: [3000, 3000], share: 1 },
      });
      const source = new DecaySource(prior);
      const random = new Random(4);
      const fractions = Array.from({ length: 4000 }, () => {
        const { tauAmplitudePs, tauIntensityPs } = source.draw(random, 500, shares(prior));
        return fractionOf === 'photons' ? (3000 - tauIntensityPs) / 2500 : (3000 - tauAmplitudePs) / 2500;
      });
      const mean = fractions.reduce((sum, f) => sum + f) / fractions.length;
      const variance = fractions.reduce((sum, f) => sum + (f - mean) ** 2, 0) / fractions.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.005);
    }
  });

  it('gives a mono-exponential decay one lifetime', () => {
    const prior = testPrior({ mono: 1 });
    const { tauAmplitudePs, tauIntensityPs } = new DecaySource(prior).draw(new Random(5), 500, shares(prior));
    expect(tauAmplitudePs).toBeCloseTo(tauIntensityPs, 9);
  });

  it('adds background in proportion to the width of the gates, and dark photons by their number in a full exposure', () => {
    const still = {
      background: [0, 0],
      darkPhotons: [0, 0],
      mono: 1,
      tauPs: [1000, 1000],
      irfJitterPs: 0,
      irfWidthJitter: 0,
    } as const;
    const gatesFs = [
      [0, 1_000_000],
      [1_000_000, 5_000_000],
      [6_000_000, 12_000_000],
    ] as const;
    const draw = (change: Partial<DecayPrior>, photons: number): Float64Array => {
      const prior = testPrior({ ...still, gatesFs, ...change });
      const drawn = shares(prior);
      new DecaySource(prior).draw(new Random(6), photons, drawn);
      return drawn;
    };
    const pure = draw({}, 400);
    const lifted = draw({ background: [0.1, 0.1], darkPhotons: [100, 100] }, 400);
    [1 / 11, 4 / 11, 6 / 11].forEach((width, gate) => {
      expect(lifted[gate]).toBeCloseTo(0.8 * pure[gate]! + 0.2 * width, 12);
    });
    expect(draw({ darkPhotons: [40, 40] }, 4000)[0]).toBeCloseTo(0.99 * pure[0]! + 0.01 / 11, 12);
  });
});

describe('the deconvolved decay', () => {
  /** From photon fractions: amplitudes a₁ : a₂ = f/τ₁ : (1−f)/τ₂, 1 at time zero. */
  const truthOf = (tau1Ps: number, tau2Ps: number, fraction1: number): DecayTruth => ({
    tau1Ps,
    tau2Ps,
    fraction1,
    tauAmplitudePs: NaN,
    tauIntensityPs: NaN,
  });
  const amplitudeAt = ({ tau1Ps, tau2Ps, fraction1 }: DecayTruth, timePs: number): number => {
    const [a1, a2] = [fraction1 / tau1Ps, (1 - fraction1) / tau2Ps];
    return (a1 * Math.exp(-timePs / tau1Ps) + a2 * Math.exp(-timePs / tau2Ps)) / (a1 + a2);
  };

  it.each([
    [200, 5000, 0.3],
    [500, 2500, 0.9],
    [1500, 1500, 0.4],
    [300, 4000, 0],
    [300, 4000, 1],
  ])('of %f and %f ps, %f of the photons: its mean over every step', (tau1Ps, tau2Ps, fraction1) => {
    const truth = truthOf(tau1Ps, tau2Ps, fraction1);
    const stepPs = 390.625;
    const decay = new Float32Array(32).fill(7);
    deconvolvedDecay(truth, stepPs, decay);
    const parts = 2000;
    decay.forEach((value, step) => {
      const instants = Array.from({ length: parts }, (_, part) => (step + (part + 0.5) / parts) * stepPs);
      const mean = instants.reduce((sum, timePs) => sum + amplitudeAt(truth, timePs), 0) / parts;
      expect(Math.abs(value - mean)).toBeLessThan(1e-6);
    });
  });

  it('begins at 1', () => {
    const decay = new Float32Array(2);
    deconvolvedDecay(truthOf(500, 3000, 0.5), 0.01, decay);
    expect(decay[0]).toBeCloseTo(1, 4);
  });

  it('takes as many steps over the window as there are gates, wherever these lie', () => {
    expect(decayStepPs(testPrior({}))).toBeCloseTo(781.25, 9);
    const gatesFs = [
      [1_600_000, 2_000_000],
      [3_000_000, 4_000_000],
      [5_000_000, 10_600_000],
    ] as const;
    expect(decayStepPs({ gatesFs })).toBeCloseTo(3000, 9);
  });
});

describe('photon statistics', () => {
  it('returns the photons of a pixel with its counts', () => {
    const counts = new Uint32Array(3);
    const total = drawCounts(new Random(2), Float64Array.of(0.2, 0.3, 0.5), 1000, counts);
    expect(total).toBe(counts.reduce((sum, count) => sum + count));
    expect(Math.abs(counts[2]! - 500)).toBeLessThan(120);
  });

  it('spreads photon counts evenly over the decades of a range', () => {
    const random = new Random(3);
    const draws = Array.from({ length: 3000 }, () => drawLogUniform(random, [10, 1000]));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...draws)).toBeLessThanOrEqual(1000);
    expect(Math.abs(draws.filter((photons) => photons < 100).length / 3000 - 0.5)).toBeLessThan(0.04);
  });
});
