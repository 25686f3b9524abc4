import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkDecoder, parseDecoder, serializeDecoder } from '../../src/lifetime/integer-decoder.js';
import { decodeDecay } from '../../src/lifetime/reference-decoder.js';
import { Random } from '../../src/random/random.js';
import { checkNetwork, lifetimeOutputs, networkOutputs } from '../../src/lifetime/integer-network.js';
import { decodeOutputs, encode } from '../../src/lifetime/reference.js';
import { exportDecoder, exportNetwork } from '../../src/training/export.js';
import { networkInputs } from '../../src/training/inputs.js';
import { Network } from '../../src/training/network.js';
import { OUTPUTS } from '../../src/training/outputs.js';
import { startTensors } from '../../src/training/tensor-backend.js';

beforeAll(startTensors);

/**
 * The encoder agrees bit by bit; the head's sums are float32 in the training, so that a rounding there may fall on
 * the other side. docs/training.md states this figure.
 */
const TOLERANCE_PS = 2;

const settings = {
  minPhotons: 1,
  photonFeature: [-640, 1024] as const,
  lifetimeRangePs: [1, 0xffff] as const,
};

/** A network whose weights are spread as wide as training spreads them, or far wider. */
function scatteredNetwork(
  shape: { hidden: number; gates: number; decoder: boolean },
  spread: number,
  random: Random,
): Network {
  const network = new Network({ ...shape, head: 24, outputs: OUTPUTS }, 2, random);
  for (const { kernel, bias } of network.layers) {
    for (const variable of [kernel, bias]) {
      const values = (variable.dataSync() as Float32Array).map(
        (value) => value * spread * 2 * random.uniform(),
      );
      variable.assign(tf.tensor(values, variable.shape) as never);
    }
  }
  return network;
}

const photonsOf = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);

/** Pixels of random counts, and what the network sees of them. */
function drawPixels(random: Random, pixels: number, gates: number) {
  const inputs = { x: new Float32Array(pixels * gates), u: new Float32Array(pixels) };
  const counts = Array.from({ length: pixels }, (_, pixel) => {
    const drawn = Uint32Array.from({ length: gates }, () => Math.floor(2 ** (10 * random.uniform())));
    const x = inputs.x.subarray(pixel * gates, (pixel + 1) * gates);
    inputs.u[pixel] = networkInputs(drawn, photonsOf(drawn), settings.photonFeature, x);
    return drawn;
  });
  return { counts, inputs };
}

describe('the exported integer network', () => {
  it.each([
    [0.5, 8],
    [1, 8],
    [4, 8],
    [12, 8],
    [1, 4],
    [4, 4],
  ] as const)(
    'has the outputs of the quantized network (weights spread × %f, %i bit)',
    (spread, precision) => {
      const gates = 20;
      for (const hidden of [8, 32]) {
        const random = new Random(31, hidden);
        const trained = scatteredNetwork({ hidden, gates, decoder: false }, spread, random);
        const network = exportNetwork(trained, { ...settings, gates }, precision);
        checkNetwork(network);
        const pixels = 200;
        const { counts, inputs } = drawPixels(random, pixels, gates);
        const expected = counts.flatMap((ofPixel) =>
          decodeOutputs(network, encode(network, ofPixel, photonsOf(ofPixel))),
        );
        const { outputs } = trained.predict(inputs, precision);
        const exported = outputs.filter((_, at) => at % OUTPUTS < networkOutputs.length);
        const found = Array.from(exported, (value, at) =>
          Math.min(
            Math.max(value * 8192, at % networkOutputs.length < lifetimeOutputs.length ? 0 : 1),
            0xffff,
          ),
        );
        const worst = Math.max(...found.map((ps, at) => Math.abs(ps - expected[at]!)));
        expect(worst).toBeLessThanOrEqual(TOLERANCE_PS);
        expect(new Set(expected).size).toBeGreaterThan(20);
        if (precision === 4) expect(network.recurrentWeights.every((weight) => weight % 16 === 0)).toBe(true);
        trained.dispose();
      }
    },
  );
});

/** A readout is the sum of up to 64 products in float32, which is off by at most so much of 1.0 here. */
const FLOAT32_ROUNDING = 1e-5;

describe('the exported decoder', () => {
  it.each([
    [0.5, 8],
    [1, 8],
    [4, 8],
    [1, 4],
    [4, 4],
  ] as const)(
    'has the decays of the quantized network (weights spread × %f, %i bit)',
    (spread, precision) => {
      const gates = 20;
      for (const hidden of [8, 32]) {
        const random = new Random(37, hidden);
        const trained = scatteredNetwork({ hidden, gates, decoder: true }, spread, random);
        const network = exportNetwork(trained, { ...settings, gates }, precision);
        const decoder = parseDecoder(serializeDecoder(exportDecoder(trained, precision)!), network);
        checkDecoder(decoder, network);
        const pixels = 100;
        const { counts, inputs } = drawPixels(random, pixels, gates);
        const expected = counts.flatMap((ofPixel) => [...decodeDecay(network, decoder, ofPixel)!]);
        const found = trained.predict(inputs, precision).decays!;
        expect(found.length).toBe(pixels * gates);
        const worst = expected.reduce((most, integer, at) => {
          const real = Math.min(Math.max(found[at]!, 0), 0xffff / 8192);
          return Math.max(most, Math.abs(integer / 8192 - real));
        }, 0);
        expect(worst).toBeLessThanOrEqual(0.5 / 8192 + FLOAT32_ROUNDING);
        expect(new Set(expected).size).toBeGreaterThan(20);
        trained.dispose();
      }
    },
  );

  it('is nothing where the network has none', () => {
    const trained = scatteredNetwork({ hidden: 8, gates: 4, decoder: false }, 1, new Random(3));
    expect(exportDecoder(trained)).toBeNull();
    trained.dispose();
  });
});
