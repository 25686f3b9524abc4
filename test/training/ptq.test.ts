import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkNetwork, lifetimeOutputs, networkOutputs } from '../../src/lifetime/integer-network.js';
import { inferLifetimes } from '../../src/lifetime/reference.js';
import { Random } from '../../src/random/random.js';
import { DecaySource, drawCounts } from '../../src/training/decays.js';
import { exportNetwork } from '../../src/training/export.js';
import { networkInputs } from '../../src/training/inputs.js';
import { layerInputs } from '../../src/training/layer-inputs.js';
import { Network } from '../../src/training/network.js';
import { OUTPUTS } from '../../src/training/outputs.js';
import { calibrationBatch, quantizeAfterTraining } from '../../src/training/ptq.js';
import { startTensors } from '../../src/training/tensor-backend.js';
import { testOptions, testPrior } from './test-prior.js';

beforeAll(startTensors);

const options = testOptions({});
const GATES = options.prior.gatesFs.length;
const calibration = calibrationBatch(options);

/** A network with random biases too: as after a training, not as at its start. */
function randomNetwork(seed: number, hidden = 16): Network {
  const random = new Random(seed);
  const network = new Network({ gates: GATES, hidden, head: 12, outputs: OUTPUTS, decoder: true }, 2, random);
  for (const { bias } of network.layers) {
    const values = (bias.dataSync() as Float32Array).map((value) => value + 0.1 * random.normal());
    bias.assign(tf.tensor1d(values));
  }
  return network;
}

const numbers = (tensor: tf.Tensor): Float32Array => (tensor.dataSync() as Float32Array).slice();

describe('the inputs of a layer', () => {
  it('have the moments of what goes into it', () => {
    const network = randomNetwork(1);
    const [encoder, head, output, decoder, readout] = layerInputs(network, calibration);
    const pixels = calibration.u.length;
    const meanOf = (values: ArrayLike<number>, power: number): number =>
      Array.from(values).reduce((sum, value) => sum + value ** power, 0) / values.length;
    for (const [name, power] of [
      ['mean', 1],
      ['meanSquare', 2],
    ] as const) {
      expect(encoder![name][16]).toBeCloseTo(meanOf(calibration.x, power), 4);
      expect(encoder![name][17]).toBeCloseTo(meanOf(calibration.u, power), 4);
      // The head's input is the state at the end, which is also the decoder's context.
      expect(decoder![name].slice(16)).toEqual(head![name]);
    }
    // A head that is nearly linear: mean outputs follow from mean inputs.
    const { outputs, decays } = network.predict(calibration, null);
    const meansOf = (values: Float32Array, columns: number): number[] =>
      Array.from({ length: columns }, (_, at) =>
        meanOf(
          values.filter((_value, i) => i % columns === at),
          1,
        ),
      );
    const through = (kernel: Float32Array, bias: Float32Array, mean: Float32Array): number[] =>
      Array.from(bias, (value, row) =>
        mean.reduce((sum, input, i) => sum + kernel[row * mean.length + i]! * input, value),
      );
    const [last, read] = [network.outputLayer, network.decoder!.readout];
    const expected = through(numbers(last.kernel), numbers(last.bias), output!.mean);
    meansOf(outputs, OUTPUTS).forEach((mean, at) => expect(mean).toBeCloseTo(expected[at]!, 4));
    const [meanDecay] = through(numbers(read.kernel), numbers(read.bias), readout!.mean);
    expect(meanOf(decays!, 1)).toBeCloseTo(meanDecay!, 4);
    expect(decays!.length).toBe(pixels * GATES);
    network.dispose();
  });

  it('begin from an empty state', () => {
    const network = randomNetwork(2);
    const one = { x: calibration.x.slice(0, GATES), u: calibration.u.slice(0, 1) };
    const whole = layerInputs(network, one)[0]!;
    // One gate: the only state that went in is 0.
    const short = new Network({ ...network.shape, gates: 1 }, 1, new Random(2));
    const first = layerInputs(short, { x: one.x.slice(0, 1), u: one.u })[0]!;
    expect([...first.mean.slice(0, 16)]).toEqual(new Array(16).fill(0));
    expect(whole.mean.slice(0, 16).some((mean) => mean !== 0)).toBe(true);
    network.dispose();
    short.dispose();
  });
});

describe('post-training quantization', () => {
  it.each([8, 4] as const)('in %i bit keeps the mean of every sum on the calibration pixels', (precision) => {
    const network = randomNetwork(3);
    const moments = layerInputs(network, calibration);
    const sumsOf = (): number[][] =>
      network.layers.map(({ kernel, bias }, layer) => {
        const [weights, { mean }] = [numbers(kernel), moments[layer]!];
        return Array.from(numbers(bias), (value, row) =>
          mean.reduce((sum, input, i) => sum + weights[row * mean.length + i]! * input, value),
        );
      });
    const before = network.layers.map(({ kernel }) => numbers(kernel));
    const wanted = sumsOf();
    quantizeAfterTraining(network, precision, calibration);
    sumsOf().forEach((rows, layer) =>
      rows.forEach((sum, row) => expect(Math.abs(sum - wanted[layer]![row]!)).toBeLessThan(2e-5)),
    );
    network.layers.forEach(({ kernel }, layer) => expect(numbers(kernel)).not.toEqual(before[layer]));
    network.dispose();
  });

  it('in 16 bit changes next to nothing, in 8 bit little, in 4 bit more', () => {
    const float = randomNetwork(4);
    const { outputs, decays } = float.predict(calibration, null);
    const off = ([16, 8, 4] as const).map((precision) => {
      const network = randomNetwork(4);
      quantizeAfterTraining(network, precision, calibration);
      const found = network.predict(calibration, precision);
      network.dispose();
      const rms = (a: Float32Array, b: Float32Array): number =>
        Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0) / a.length);
      return { outputs: rms(found.outputs, outputs), decays: rms(found.decays!, decays!) };
    });
    float.dispose();
    const [in16, in8, in4] = off as [(typeof off)[0], (typeof off)[0], (typeof off)[0]];
    // 1 is 8192 ps: a tenth of a picosecond.
    expect(in16.outputs).toBeLessThan(0.1 / 8192);
    expect(in16.decays).toBeLessThan(1e-4);
    expect(in16.outputs).toBeGreaterThan(0);
    for (const part of ['outputs', 'decays'] as const) {
      expect(in8[part]).toBeGreaterThan(10 * in16[part]);
      expect(in4[part]).toBeGreaterThan(3 * in8[part]);
      expect(in4[part]).toBeLessThan(0.1);
    }
  });

  it.each([8, 4] as const)('in %i bit is exported as it is', (precision) => {
    const network = randomNetwork(5);
    quantizeAfterTraining(network, precision, calibration);
    const settings = { gates: GATES, minPhotons: 1, photonFeature: options.photonFeature };
    const exported = exportNetwork(network, { ...settings, lifetimeRangePs: [0, 0xffff] }, precision);
    checkNetwork({ ...exported, lifetimeRangePs: [1, 0xffff] });
    const source = new DecaySource(testPrior({}));
    const random = new Random(6);
    const shares = new Float64Array(GATES);
    const counts = Array.from({ length: 200 }, () => {
      source.draw(random, 300, shares);
      const ofPixel = new Uint32Array(GATES);
      drawCounts(random, shares, 300, ofPixel);
      return ofPixel;
    });
    const x = new Float32Array(counts.length * GATES);
    const u = Float32Array.from(counts, (ofPixel, pixel) => {
      const photons = ofPixel.reduce((sum, count) => sum + count, 0);
      const inputs = x.subarray(pixel * GATES, (pixel + 1) * GATES);
      return networkInputs(ofPixel, photons, options.photonFeature, inputs);
    });
    const { outputs } = network.predict({ x, u }, precision);
    const seen = new Set<number>();
    counts.forEach((ofPixel, pixel) => {
      const found = inferLifetimes(exported, ofPixel, 1)!;
      networkOutputs.forEach((_, output) => {
        const least = output < lifetimeOutputs.length ? 0 : 1;
        const expected = Math.max(outputs[pixel * OUTPUTS + output]! * 8192, least);
        expect(Math.abs(found[output]! - expected)).toBeLessThanOrEqual(2);
        seen.add(found[output]!);
      });
    });
    expect(seen.size).toBeGreaterThan(100);
    network.dispose();
  });
});
