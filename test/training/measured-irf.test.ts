import { describe, expect, it } from 'vitest';
import { poisson } from '../../src/random/poisson.js';
import { Random } from '../../src/random/random.js';
import { irfNodes, type IrfNodes } from '../../src/training/irf.js';
import { MEASURED_NODES, measuredIrf } from '../../src/training/measured-irf.js';
import { evenGates } from '../../src/training/option-text.js';
import { WrappedDecay } from '../../src/training/wrapped-decay.js';
import { recordingOf, reflectingResponse } from '../support/photon-twin.js';

const PERIOD_PS = 12_500;
const CHANNEL_PS = 12_500 / 4096;
const CENTER_PS = 1500;
const ideal = reflectingResponse(4096, CHANNEL_PS, CENTER_PS);

/** Contents of 390 ps gates, of a decay behind a response. */
function gates(irf: IrfNodes, centerPs: number, tauPs: number): Float64Array {
  const edges = evenGates(32, 390.625, 0);
  const [starts, ends] = [0, 1].map((side) => edges.map((edge) => edge[side]! / 1000));
  const decay = new WrappedDecay(starts!, ends!, PERIOD_PS, irf);
  decay.place(centerPs, 1);
  const found = new Float64Array(32);
  decay.addTo(found, tauPs, 1);
  return found;
}

/** Every channel of the histogram an instant of its own. */
function wholeHistogram(): IrfNodes {
  const total = ideal.reduce((sum, value) => sum + value, 0);
  return {
    offsetsPs: ideal.map((_, channel) => (channel + 0.5) * CHANNEL_PS),
    weights: ideal.map((value) => value / total),
  };
}

function measured(photonsInPeak: number, background: number, seed = 1) {
  const random = new Random(seed);
  const counts = ideal.map((value) => poisson(photonsInPeak * value + background, random));
  return measuredIrf(recordingOf(counts, CHANNEL_PS));
}

describe('a measured response', () => {
  it('is reduced to instants that fill 390 ps gates as the whole histogram does, within 0.1 % of the photons', () => {
    const { shape, centerPs } = measuredIrf(recordingOf(ideal, CHANNEL_PS));
    expect(shape.offsetsPs).toHaveLength(MEASURED_NODES);
    for (const tauPs of [200, 1000, 3000]) {
      // At any place of the gates.
      for (const shiftPs of [0, 97, 195, 301]) {
        const moved = gates(
          { ...wholeHistogram(), offsetsPs: wholeHistogram().offsetsPs.map((at) => at + shiftPs) },
          0,
          tauPs,
        );
        gates(irfNodes(shape), centerPs + shiftPs, tauPs).forEach((found, gate) => {
          expect(Math.abs(found - moved[gate]!)).toBeLessThan(0.001);
        });
      }
    }
  });

  it('keeps its tail and its reflection, and loses its background', () => {
    const { shape, background, tailShare } = measured(2000, 40);
    expect(Math.abs(background - 40)).toBeLessThan(2);
    const share = (from: number, to: number): number =>
      shape.weights.reduce(
        (sum, weight, node) =>
          shape.offsetsPs[node]! > from && shape.offsetsPs[node]! < to ? sum + weight : sum,
        0,
      );
    const idealShare = (from: number, to: number): number => {
      const at = (channel: number): number => (channel + 0.5) * CHANNEL_PS - CENTER_PS;
      const part = ideal.filter((_, channel) => at(channel) > from && at(channel) < to);
      return part.reduce((sum, value) => sum + value, 0) / ideal.reduce((sum, value) => sum + value, 0);
    };
    expect(Math.abs(share(2000, 2800) - idealShare(2000, 2800))).toBeLessThan(0.005);
    expect(Math.abs(share(300, 1200) - idealShare(300, 1200))).toBeLessThan(0.01);
    expect(Math.abs(share(4000, 12_000))).toBeLessThan(0.003);
    expect(tailShare).toBeGreaterThan(0.05);
  });

  it('is centred on its main peak, whatever its background and tails', () => {
    for (const background of [0, 5, 40]) {
      expect(Math.abs(measured(2000, background).centerPs - CENTER_PS)).toBeLessThan(4);
    }
    expect(measured(2000, 5).shape.fwhmPs).toBeGreaterThan(95);
    expect(measured(2000, 5).shape.fwhmPs).toBeLessThan(120);
  });

  it('may be a steep pulse without any background, out of the dark', () => {
    const counts = Float64Array.from({ length: 256 }, (_, bin) =>
      Math.round(90_000 * Math.exp(-0.5 * ((bin + 0.5 - 60.3) / 1.1) ** 2)),
    );
    const { shape, centerPs, background } = measuredIrf(recordingOf(counts, 48.8));
    expect(background).toBe(0);
    expect(Math.abs(centerPs - 60.3 * 48.8)).toBeLessThan(3);
    expect(Math.abs(shape.fwhmPs - 2.3548 * 1.1 * 48.8)).toBeLessThan(6);
    expect(
      Math.abs(shape.offsetsPs.reduce((sum, at, node) => sum + at * shape.weights[node]!, 0)),
    ).toBeLessThan(3);
  });

  it('may be normalised, and a few bins only', () => {
    const counts = Float64Array.of(0.009, 0.039, 0.132, 0.252, 0.277, 0.18, 0.079, 0.032);
    const { shape, centerPs, background } = measuredIrf(recordingOf(counts, 58.6, 40 * 58.6));
    expect(background).toBe(0);
    expect(shape.weights).toHaveLength(8);
    expect(Math.abs(centerPs - 44.4 * 58.6)).toBeLessThan(15);
  });

  it('records its shape and where it came from', () => {
    const { shape } = measured(500, 3);
    expect(shape.source.name).toBe('twin.csv');
    expect(shape.weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
    expect([...shape.offsetsPs].sort((a, b) => a - b)).toEqual(shape.offsetsPs);
  });

  it.each([
    ['a constant', () => 100],
    ['noise', (random: Random) => poisson(100, random)],
  ])('is refused where it is %s: there is no peak', (_, count) => {
    const random = new Random(3);
    const counts = Float64Array.from({ length: 512 }, () => count(random));
    expect(() => measuredIrf(recordingOf(counts, 25))).toThrow(
      expect.objectContaining({ code: 'FLIMD_E_RECORDING', message: expect.stringContaining('no peak') }),
    );
  });
});
