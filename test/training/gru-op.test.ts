import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import type { DecoderWeights } from '../../src/lifetime/integer-decoder.js';
import { encode as encodeInIntegers } from '../../src/lifetime/reference.js';
import { decoderStates } from '../../src/lifetime/reference-decoder.js';
import { decode, encode } from '../../src/training/gru-op.js';
import { networkInputs } from '../../src/training/inputs.js';
import { createGruLayer, type GruShape, supportedSimd } from '../../src/training/native.js';
import { fakeQuantizeStates } from '../../src/training/quantize.js';
import { startTensors } from '../../src/training/tensor-backend.js';
import { randomDecoder } from '../support/random-decoder.js';
import { type NetworkStyle, randomNetwork } from '../support/random-network.js';
import { type PlainWeights, plainEncoder, plainStates, registerPlainGradients } from './plain-encoder.js';

beforeAll(async () => {
  await startTensors();
  registerPlainGradients();
});

const encoderShape = (hidden: number, steps: number): GruShape => ({
  hidden,
  steps,
  stepped: true,
  constants: 1,
  sequence: false,
});

const numbers = (random: Random, length: number, reach: number): Float32Array =>
  Float32Array.from({ length }, () => reach * (2 * random.uniform() - 1));

/** Kernel [4H][H+2] and bias [4H] of the fused op from the parts of the plain one. */
function fuse({ recurrent, input, bias }: PlainWeights): { kernel: tf.Tensor2D; bias: tf.Tensor1D } {
  const hidden = bias[0]!.size;
  const none = tf.zeros<tf.Rank.R2>([hidden, hidden]);
  const noInput = tf.zerosLike(input[0]!);
  const states = tf.concat([...recurrent, none], 0);
  const inputs = tf.concat([input[0]!, input[1]!, noInput, input[2]!], 0);
  return { kernel: tf.concat([states, inputs], 1) as tf.Tensor2D, bias: tf.concat(bias) as tf.Tensor1D };
}

function maxDifference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
}

describe('the float encoder', () => {
  // A batch that does not fill its last tile of 16, and hidden sizes that are no multiple of 8.
  it.each([
    [4, 3, 5, 1],
    [12, 8, 37, 2],
    [32, 32, 64, 2],
  ])(
    'H %i, %i gates, batch %i, %i threads: state and gradients of plain TF.js',
    (hidden, gates, batch, threads) => {
      const random = new Random(7, hidden);
      const square = (): tf.Tensor2D =>
        tf.tensor2d(numbers(random, hidden * hidden, 1.2 / Math.sqrt(hidden)), [hidden, hidden]);
      const pair = (): tf.Tensor2D => tf.tensor2d(numbers(random, hidden * 2, 0.3), [hidden, 2]);
      const row = (): tf.Tensor1D => tf.tensor1d(numbers(random, hidden, 0.5));
      const plain: PlainWeights = {
        recurrent: [square(), square(), square()],
        input: [pair(), pair(), pair()],
        bias: [row(), row(), row(), row()],
      };
      const x = numbers(random, batch * gates, 2).map(Math.abs);
      const u = numbers(random, batch, 4);
      const steps = Array.from({ length: gates }, (_, gate) =>
        tf.tensor2d(
          Float32Array.from({ length: batch * 2 }, (_value, at) =>
            at % 2 ? u[at >> 1]! : x[(at >> 1) * gates + gate]!,
          ),
          [batch, 2],
        ),
      );
      const direction = tf.tensor2d(numbers(random, batch * hidden, 1), [batch, hidden]);

      const parts = [...plain.recurrent, ...plain.input, ...plain.bias];
      const expected = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
        const weights = {
          recurrent: tensors.slice(0, 3) as tf.Tensor2D[],
          input: tensors.slice(3, 6) as tf.Tensor2D[],
          bias: tensors.slice(6) as tf.Tensor1D[],
        };
        return tf.sum(tf.mul(plainEncoder(weights, steps), direction));
      })(parts);
      const expectedKernel = fuse({
        recurrent: expected.grads.slice(0, 3) as tf.Tensor2D[],
        input: expected.grads.slice(3, 6) as tf.Tensor2D[],
        bias: expected.grads.slice(6) as tf.Tensor1D[],
      });

      const fused = fuse(plain);
      const scale = tf.max(tf.abs(expectedKernel.kernel)).dataSync()[0]!;
      expect(scale).toBeGreaterThan(0.01);
      for (const simd of supportedSimd()) {
        const native = createGruLayer(encoderShape(hidden, gates), threads, simd);
        const found = tf.valueAndGrads((kernel: tf.Tensor, bias: tf.Tensor) =>
          tf.sum(
            tf.mul(
              encode(
                native,
                { kernel: kernel as tf.Tensor2D, bias: bias as tf.Tensor1D, exponents: null },
                { x, u },
              ),
              direction,
            ),
          ),
        )([fused.kernel, fused.bias]);
        expect(Math.abs(found.value.dataSync()[0]! - expected.value.dataSync()[0]!), simd).toBeLessThan(1e-4);
        expect(maxDifference(found.grads[0]!, expectedKernel.kernel) / scale, simd).toBeLessThan(5e-6);
        expect(maxDifference(found.grads[1]!, expectedKernel.bias) / scale, simd).toBeLessThan(5e-6);
      }
    },
  );

  it('gives the same bits again, whatever ran in between', () => {
    const random = new Random(8);
    const [kernel, bias] = [numbers(random, 32 * 10, 0.4), numbers(random, 32, 0.4)];
    const [x, u, gradient] = [
      numbers(random, 100 * 6, 1),
      numbers(random, 100, 1),
      numbers(random, 100 * 8, 1),
    ];
    const native = createGruLayer(encoderShape(8, 6), 2);
    const run = (): Float32Array[] => {
      const state = native.forward(100, kernel, bias, null, x, u);
      const gradients = [new Float32Array(kernel.length), new Float32Array(bias.length)];
      native.backward(gradient, gradients[0]!, gradients[1]!, null);
      return [state, ...gradients];
    };
    const first = run();
    native.forward(40, kernel, bias, null, x.subarray(0, 6 * 40), u.subarray(0, 40));
    expect(run()).toEqual(first);
  });

  it('refuses arrays of a wrong length', () => {
    const native = createGruLayer(encoderShape(8, 6), 1);
    const forward = (kernel: number, x: number) =>
      native.forward(
        2,
        new Float32Array(kernel),
        new Float32Array(32),
        null,
        new Float32Array(x),
        new Float32Array(2),
      );
    expect(() => forward(32 * 10, 11)).toThrow('x must be a Float32Array of 12');
    expect(() => forward(32 * 9, 12)).toThrow('kernel must be a Float32Array of 320');
    expect(() => createGruLayer(encoderShape(6, 6), 1)).toThrow('multiple of 4');
    expect(() => createGruLayer(encoderShape(8, 6), 1, 'mmx')).toThrow('this processor has no mmx');
    const exponents = new Int32Array(31);
    expect(() =>
      native.forward(
        2,
        new Float32Array(320),
        new Float32Array(32),
        exponents,
        new Float32Array(12),
        new Float32Array(2),
      ),
    ).toThrow('exponents must be an Int32Array of 32');
  });
});

describe('the float decoder', () => {
  it.each([
    [4, 3, 5, 1],
    [12, 7, 37, 2],
    [40, 9, 70, 2],
  ])(
    'H %i, %i steps, batch %i, %i threads: states and gradients of plain TF.js',
    (hidden, steps, batch, threads) => {
      const random = new Random(9, hidden);
      const square = (): tf.Tensor2D =>
        tf.tensor2d(numbers(random, hidden * hidden, 1.2 / Math.sqrt(hidden)), [hidden, hidden]);
      const row = (): tf.Tensor1D => tf.tensor1d(numbers(random, hidden, 0.5));
      const plain: PlainWeights = {
        recurrent: [square(), square(), square()],
        input: [square(), square(), square()],
        bias: [row(), row(), row(), row()],
      };
      const context = tf.tensor2d(numbers(random, batch * hidden, 1), [batch, hidden]);
      const direction = tf.tensor2d(numbers(random, batch * steps * hidden, 1), [batch * steps, hidden]);

      const parts = [...plain.recurrent, ...plain.input, ...plain.bias, context];
      const expected = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
        const weights = {
          recurrent: tensors.slice(0, 3) as tf.Tensor2D[],
          input: tensors.slice(3, 6) as tf.Tensor2D[],
          bias: tensors.slice(6, 10) as tf.Tensor1D[],
        };
        const inputs = Array.from({ length: steps }, () => tensors[10] as tf.Tensor2D);
        return plainStates(weights, inputs)
          .map((state, step) => tf.sum(tf.mul(state, stepOf(direction, step, batch, steps))))
          .reduce((sum, part) => tf.add(sum, part));
      })(parts);
      const gradients = fuse({
        recurrent: expected.grads.slice(0, 3) as tf.Tensor2D[],
        input: expected.grads.slice(3, 6) as tf.Tensor2D[],
        bias: expected.grads.slice(6, 10) as tf.Tensor1D[],
      });
      const fused = fuse(plain);
      const shape = { hidden, steps, stepped: false, constants: hidden, sequence: true };
      for (const simd of supportedSimd()) {
        const native = createGruLayer(shape, threads, simd);
        const found = tf.valueAndGrads((kernel: tf.Tensor, bias: tf.Tensor, given: tf.Tensor) => {
          const weights = { kernel: kernel as tf.Tensor2D, bias: bias as tf.Tensor1D, exponents: null };
          return tf.sum(tf.mul(decode(native, weights, given as tf.Tensor2D), direction));
        })([fused.kernel, fused.bias, context]);
        const expectedGradients = [gradients.kernel, gradients.bias, expected.grads[10]!];
        expect(Math.abs(found.value.dataSync()[0]! - expected.value.dataSync()[0]!), simd).toBeLessThan(1e-3);
        expectedGradients.forEach((gradient, at) => {
          const scale = tf.max(tf.abs(gradient)).dataSync()[0]!;
          expect(scale).toBeGreaterThan(0.01);
          expect(maxDifference(found.grads[at]!, gradient) / scale, simd).toBeLessThan(5e-6);
        });
      }
    },
  );
});

/** Row `step` of every pixel of [batch · steps][H], as [batch][H]. */
function stepOf(direction: tf.Tensor2D, step: number, batch: number, steps: number): tf.Tensor2D {
  const hidden = direction.shape[1];
  const values = direction.dataSync() as Float32Array;
  const rows = Float32Array.from({ length: batch * hidden }, (_, at) => {
    const pixel = Math.floor(at / hidden);
    return values[(pixel * steps + step) * hidden + (at % hidden)]!;
  });
  return tf.tensor2d(rows, [batch, hidden]);
}

describe('the quantized encoder', () => {
  const styles: NetworkStyle[] = ['trained', 'legal', 'extreme'];
  it.each(styles)('has the state of the integer reference, bit by bit (%s weights)', (style) => {
    for (const [hidden, gates] of [
      [32, 32],
      [12, 9],
      [64, 5],
    ] as const) {
      const random = new Random(21, hidden, styles.indexOf(style));
      const network = randomNetwork(random, { gates, hidden, head: 8 }, style);
      const pixels = 50;
      const x = new Float32Array(pixels * gates);
      const u = new Float32Array(pixels);
      const expected = new Float32Array(pixels * hidden);
      for (let pixel = 0; pixel < pixels; pixel++) {
        const counts = Uint32Array.from(
          { length: gates },
          () => Math.floor(2 ** (14 * random.uniform())) - 1,
        );
        counts[0]! += 1;
        const photons = counts.reduce((sum, count) => sum + count, 0);
        u[pixel] = networkInputs(
          counts,
          photons,
          network.photonFeature,
          x.subarray(pixel * gates, (pixel + 1) * gates),
        );
        expected.set(
          Array.from(encodeInIntegers(network, counts, photons), (h) => h / 32768),
          pixel * hidden,
        );
      }
      const { kernel, bias, exponents } = realWeights(network);
      for (const simd of supportedSimd()) {
        const native = createGruLayer(encoderShape(hidden, gates), 2, simd);
        expect(native.simd).toBe(simd);
        expect(native.forward(pixels, kernel, bias, exponents, x, u), simd).toEqual(expected);
      }
    }
  });
});

describe('the quantized decoder', () => {
  it.each(['trained', 'legal', 'extreme'] as const)(
    'has the states of the integer reference, bit by bit (%s weights)',
    (style) => {
      for (const [hidden, steps] of [
        [32, 20],
        [12, 9],
        [64, 5],
      ] as const) {
        const random = new Random(23, hidden, steps);
        const decoder = randomDecoder(random, hidden, style);
        const pixels = 40;
        const contexts = Int16Array.from({ length: pixels * hidden }, () => random.below(65536) - 32768);
        const expected = Array.from({ length: pixels }, (_, pixel) =>
          decoderStates(decoder, contexts.subarray(pixel * hidden, (pixel + 1) * hidden), steps),
        ).flatMap((states) => states.flatMap((state) => [...state]));
        expect(new Set(expected).size).toBeGreaterThan(20);
        const context = fakeQuantizeStates(
          tf.tensor2d(
            Float32Array.from(contexts, (h) => h / 32768),
            [pixels, hidden],
          ),
        );
        const { kernel, bias, exponents } = realDecoderWeights(decoder, hidden);
        const weights = { kernel: tf.tensor2d(kernel), bias: tf.tensor1d(bias), exponents };
        for (const simd of supportedSimd()) {
          const shape = { hidden, steps, stepped: false, constants: hidden, sequence: true };
          const states = decode(createGruLayer(shape, 2, simd), weights, context);
          expect(
            Array.from(states.dataSync(), (h) => h * 32768),
            simd,
          ).toEqual(expected);
        }
      }
    },
  );
});

/** Kernel rows [4H][2H], bias and exponents of the real numbers that an integer decoder stands for. */
function realDecoderWeights(
  { recurrentWeights, contextWeights, shifts, biases }: DecoderWeights,
  hidden: number,
) {
  const exponents = Int32Array.from(shifts, (shift) => shift + 5);
  const kernel = Array.from(exponents, (exponent, row) => {
    const kind = Math.floor(row / hidden);
    const contextRow = kind === 3 ? row - hidden : row;
    const none = new Array<number>(hidden).fill(0);
    const integers = [
      ...(kind === 3 ? none : recurrentWeights.subarray(row * hidden, (row + 1) * hidden)),
      ...(kind === 2 ? none : contextWeights.subarray(contextRow * hidden, (contextRow + 1) * hidden)),
    ];
    return integers.map((integer) => integer * 2 ** -exponent);
  });
  const bias = Float32Array.from(biases, (integer, row) => integer * 2 ** -(exponents[row]! + 7));
  return { kernel, bias, exponents };
}

/** The real numbers that an integer network's encoder stands for. */
function realWeights({
  hidden,
  recurrentWeights,
  inputWeights,
  photonWeights,
  shifts,
  biases,
}: ReturnType<typeof randomNetwork>) {
  const exponents = Int32Array.from(shifts, (shift) => shift + 5);
  const kernel = new Float32Array(4 * hidden * (hidden + 2));
  exponents.forEach((exponent, row) => {
    const at = row * (hidden + 2);
    const unit = 2 ** -exponent;
    const kind = Math.floor(row / hidden);
    if (kind !== 3) {
      for (let i = 0; i < hidden; i++) kernel[at + i] = recurrentWeights[row * hidden + i]! * unit;
    }
    if (kind === 2) return;
    const inputRow = kind === 3 ? row - hidden : row;
    kernel[at + hidden] = inputWeights[inputRow]! * unit;
    kernel[at + hidden + 1] = photonWeights[inputRow]! * unit;
  });
  const bias = Float32Array.from(biases, (integer, row) => integer * 2 ** -(exponents[row]! + 7));
  return { kernel, bias, exponents };
}
