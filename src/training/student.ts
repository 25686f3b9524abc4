import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random/random.js';
import { encode, type EncoderInputs } from './gru-op.js';
import { kwanTanh } from './kwan.js';
import type { NativeGruEncoder } from './native.js';
import {
  encoderRows,
  fakeQuantizeBiases,
  fakeQuantizeWeights,
  headRows,
  outputRows,
  type RowFormat,
  rowExponents,
} from './quantize.js';

export interface StudentShape {
  hidden: number;
  head: number;
  outputs: number;
}

/** One layer: weights [rows][columns], biases [rows]. */
export interface Layer {
  kernel: tf.Variable<tf.Rank.R2>;
  bias: tf.Variable<tf.Rank.R1>;
  format: RowFormat;
}

/** z starts at sigmoid(1) ≈ 0.72: the state remembers some gates from the first step on. */
const INITIAL_UPDATE_BIAS = 1;
/** x is up to 8 and u up to 15: their weights start smaller than those of the state. */
const INITIAL_INPUT_WEIGHT = 0.25;
const INITIAL_FEATURE_WEIGHT = 0.03;
/** The outputs start at the middle of common lifetimes: 0.3 × 8192 ps. */
const INITIAL_OUTPUT = 0.3;

/**
 * The network of docs/fixed-point.md as trainable real numbers: a GRU encoder, a hidden layer, a linear output.
 * Its quantized forward pass is the integer network; its float one is the same without any rounding.
 */
export class Student {
  readonly encoder: Layer;
  readonly hiddenLayer: Layer;
  readonly outputLayer: Layer;

  constructor(
    readonly shape: StudentShape,
    private readonly native: NativeGruEncoder,
    random: Random,
  ) {
    const { hidden, head, outputs } = shape;
    this.encoder = layer(initialEncoder(hidden, random), [4 * hidden, hidden + 2], encoderRows);
    this.hiddenLayer = layer(uniform(head * hidden, Math.sqrt(3 / hidden), random), [head, hidden], headRows);
    this.outputLayer = layer(
      uniform(outputs * head, 0.3 / Math.sqrt(head), random),
      [outputs, head],
      outputRows,
    );
    this.encoder.bias.assign(
      tf.tensor1d(
        Float32Array.from({ length: 4 * hidden }, (_, row) => (row < hidden ? INITIAL_UPDATE_BIAS : 0)),
      ),
    );
    this.outputLayer.bias.assign(tf.fill([outputs], INITIAL_OUTPUT));
  }

  get layers(): readonly Layer[] {
    return [this.encoder, this.hiddenLayer, this.outputLayer];
  }

  get variables(): tf.Variable[] {
    return this.layers.flatMap(({ kernel, bias }) => [kernel as tf.Variable, bias as tf.Variable]);
  }

  /** Outputs [batch][outputs]; 1.0 is 8192 ps. */
  forward(inputs: EncoderInputs, quantized: boolean): tf.Tensor2D {
    const encoder = realWeights(this.encoder, quantized);
    const state = encode(this.native, encoder.kernel, encoder.bias, encoder.exponents, inputs);
    const hidden = realWeights(this.hiddenLayer, quantized);
    const output = realWeights(this.outputLayer, quantized);
    return dense(kwanTanh(dense(state, hidden), quantized), output);
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}

interface RealWeights {
  kernel: tf.Tensor2D;
  bias: tf.Tensor1D;
  exponents: Int32Array | null;
}

function realWeights({ kernel, bias, format }: Layer, quantized: boolean): RealWeights {
  if (!quantized) return { kernel, bias, exponents: null };
  const exponents = layerExponents({ kernel, bias, format });
  return {
    kernel: fakeQuantizeWeights(kernel, exponents),
    bias: fakeQuantizeBiases(bias, exponents, format),
    exponents,
  };
}

export function layerExponents({ kernel, bias, format }: Layer): Int32Array {
  return rowExponents(kernel.dataSync() as Float32Array, bias.dataSync() as Float32Array, format);
}

function dense(input: tf.Tensor2D, { kernel, bias }: RealWeights): tf.Tensor2D {
  return tf.add(tf.matMul(input, kernel, false, true), bias) as tf.Tensor2D;
}

function layer(kernel: Float32Array, shape: [number, number], format: RowFormat): Layer {
  return {
    kernel: tf.variable(tf.tensor2d(kernel, shape)),
    bias: tf.variable(tf.zeros<tf.Rank.R1>([shape[0]])),
    format,
  };
}

function uniform(length: number, reach: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => reach * (2 * random.uniform() - 1));
}

/** [4H][H+2]; columns that a row has no use for (the input of nh, the state of nx) stay 0 for ever. */
function initialEncoder(hidden: number, random: Random): Float32Array {
  const columns = hidden + 2;
  const kernel = new Float32Array(4 * hidden * columns);
  for (let row = 0; row < 4 * hidden; row++) {
    const kind = Math.floor(row / hidden);
    if (kind !== 3) kernel.set(uniform(hidden, Math.sqrt(3 / hidden), random), row * columns);
    if (kind !== 2) {
      kernel.set(uniform(1, INITIAL_INPUT_WEIGHT, random), row * columns + hidden);
      kernel.set(uniform(1, INITIAL_FEATURE_WEIGHT, random), row * columns + hidden + 1);
    }
  }
  return kernel;
}
