import { describe, expect, it } from 'vitest';
import { histogramDeconvolver } from '../../src/lifetime/deconvolve.js';
import { decodeDecay } from '../../src/lifetime/reference-decoder.js';
import { Random } from '../../src/random/random.js';
import { randomDecoder } from '../support/random-decoder.js';
import { randomNetwork } from '../support/random-network.js';

const gates = 8;
const network = {
  ...randomNetwork(new Random(4), { gates, hidden: 16, head: 4 }, 'trained'),
  minPhotons: 20,
};
const decoder = {
  ...randomDecoder(new Random(5), 16, 'trained'),
  stepFs: 1_562_500,
  zeroFs: 1_500_000,
};
const timing = {
  laserPeriodFs: 12_500_000,
  gatesFs: Array.from({ length: gates }, (_, gate) => [gate * 1_562_500, (gate + 1) * 1_562_500] as const),
};
const camera = { bins: 16, binWidthPs: 781.25, laserPeriodPs: 12_500 };
const deconvolve = histogramDeconvolver({ network, decoder, timing }, camera);

const histogram = (scale: number) => Float64Array.from({ length: 16 }, (_, bin) => scale * (16 - bin));
const inGates = (scale: number) => Uint32Array.from({ length: gates }, (_, gate) => scale * (31 - 4 * gate));

describe('the deconvolver of a run', () => {
  it('decodes the counts in the gates, in units of the start of the decay', () => {
    const expected = Array.from(decodeDecay(network, decoder, inGates(3))!, (value) => value / 8192);
    expect(new Set(expected).size).toBeGreaterThan(3);
    expect(deconvolve(histogram(3))).toEqual({
      startPs: 1500,
      stepPs: 1562.5,
      values: expected,
      photons: 3 * 136,
    });
  });

  it('halves the counts of a sum until the arithmetic takes them', () => {
    // 136 · 2^15 photons: an eighth of them is the first power of two below 2^20.
    expect(deconvolve(histogram(2 ** 15))).toMatchObject({
      values: Array.from(decodeDecay(network, decoder, inGates(2 ** 12))!, (value) => value / 8192),
      photons: 136 * 2 ** 15,
    });
  });

  it('says how many photons are missing', () => {
    expect(deconvolve(new Float64Array(16))).toBe('the network needs 20 photons, there are 0 in its gates');
  });

  it('refuses a camera whose bins the gates do not fit', () => {
    expect(() =>
      histogramDeconvolver({ network, decoder, timing }, { ...camera, binWidthPs: 700 }),
    ).toThrowError(expect.objectContaining({ code: 'FLIMD_E_MODEL_BIN_WIDTH' }));
  });
});
