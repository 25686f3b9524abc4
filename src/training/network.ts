import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random/random.js';
import { decode, encode, type EncoderInputs } from './gru-op.js';
import { kwanTanh } from './kwan.js';
import { createGruLayer, type NativeGruLayer } from './native.js';
import { OUTPUT_START } from './outputs.js';
import {
  encoderRows,
  fakeQuantizeBiases,
  fakeQuantizeStates,
  fakeQuantizeWeights,
  headRows,
  outputRows,
  type Precision,
  type RowFormat,
  rowExponents,
} from './quantize.js';

export interface NetworkShape {
  gates: number;
  hidden: number;
  head: number;
  outputs: number;
  /** Whether there is a decoder, which turns the encoder's last state into the deconvolved decay. */
  decoder: boolean;
}

/** One layer: weights [rows][columns], biases [rows]. */
export interface Layer {
  kernel: tf.Variable<tf.Rank.R2>;
  bias: tf.Variable<tf.Rank.R1>;
  format: RowFormat;
}

export interface DecoderLayers {
  /** [4H][2H]: the state, the context. */
  recurrent: Layer;
  /** [1][H] */
  readout: Layer;
}

/** z starts at sigmoid(1) ≈ 0.72: the state remembers some gates from the first step on. */
const INITIAL_UPDATE_BIAS = 1;
/** x is up to 8 and u up to 15: their weights start smaller than those of the state. */
const INITIAL_INPUT_WEIGHT = 0.25;
const INITIAL_FEATURE_WEIGHT = 0.03;
/** A decay's mean value over the window is about this part of its start. */
const INITIAL_READOUT = 0.2;

/** What the network says of a batch. */
export interface Predictions {
  /** [batch][outputs], in the units of outputs.ts. */
  outputs: tf.Tensor2D;
  /** The deconvolved decay, [batch · gates][1]; null without a decoder. */
  decays: tf.Tensor2D | null;
}

/**
 * Seq2Seq: a GRU encoder, a head on its last state, and a GRU decoder; teacher and students differ in size only.
 * In 8 and 4 bit the forward pass of encoder and head is the integer network of docs/fixed-point.md; in float it is
 * the same without any rounding.
 */
export class Network {
  readonly encoder: Layer;
  readonly hiddenLayer: Layer;
  readonly outputLayer: Layer;
  readonly decoder: DecoderLayers | null;
  private readonly encoderOp: NativeGruLayer;
  private readonly decoderOp: NativeGruLayer | null;

  constructor(
    readonly shape: NetworkShape,
    threads: number,
    random: Random,
  ) {
    const { gates, hidden, head, outputs } = shape;
    this.encoderOp = createGruLayer(
      { hidden, steps: gates, stepped: true, constants: 1, sequence: false },
      threads,
    );
    this.encoder = recurrentLayer(initialEncoder(hidden, random), hidden, hidden + 2);
    this.hiddenLayer = layer(uniform(head * hidden, Math.sqrt(3 / hidden), random), [head, hidden], headRows);
    this.outputLayer = layer(
      uniform(outputs * head, 0.3 / Math.sqrt(head), random),
      [outputs, head],
      outputRows,
    );
    this.outputLayer.bias.assign(tf.tensor1d(OUTPUT_START.slice(0, outputs)));
    this.decoder = shape.decoder ? initialDecoder(hidden, random) : null;
    this.decoderOp = shape.decoder
      ? createGruLayer({ hidden, steps: gates, stepped: false, constants: hidden, sequence: true }, threads)
      : null;
  }

  get layers(): readonly Layer[] {
    const { encoder, hiddenLayer, outputLayer, decoder } = this;
    return [encoder, hiddenLayer, outputLayer, ...(decoder ? [decoder.recurrent, decoder.readout] : [])];
  }

  get variables(): tf.Variable[] {
    return this.layers.flatMap(({ kernel, bias }) => [kernel as tf.Variable, bias as tf.Variable]);
  }

  /** Instruction set of the recurrent layers. */
  get simd(): string {
    return this.encoderOp.simd;
  }

  /** @param precision null: float */
  forward(inputs: EncoderInputs, precision: Precision | null): Predictions {
    const state = encode(this.encoderOp, realWeights(this.encoder, precision), inputs);
    const hidden = realWeights(this.hiddenLayer, precision);
    const output = realWeights(this.outputLayer, precision);
    const integers = isInteger(precision);
    return {
      outputs: dense(kwanTanh(dense(state, hidden), integers), output),
      decays: this.decode(state, precision),
    };
  }

  /** The same as numbers: outputs [batch][outputs], decays [batch][gates]. */
  predict(
    inputs: EncoderInputs,
    precision: Precision | null,
  ): { outputs: Float32Array; decays: Float32Array | null } {
    const predictions: { outputs: Float32Array; decays: Float32Array | null } = {
      outputs: new Float32Array(0),
      decays: null,
    };
    tf.tidy(() => {
      const { outputs, decays } = this.forward(inputs, precision);
      predictions.outputs = outputs.dataSync() as Float32Array;
      if (decays !== null) predictions.decays = decays.dataSync() as Float32Array;
    });
    return predictions;
  }

  private decode(state: tf.Tensor2D, precision: Precision | null): tf.Tensor2D | null {
    if (this.decoder === null) return null;
    const context = isInteger(precision) ? fakeQuantizeStates(state) : state;
    const states = decode(this.decoderOp!, realWeights(this.decoder.recurrent, precision), context);
    return dense(states, realWeights(this.decoder.readout, precision));
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}

/** 16 bit rounds weights only: there is no integer network of that width (docs/compression.md). */
const isInteger = (precision: Precision | null): boolean => precision !== null && precision !== 16;

interface RealWeights {
  kernel: tf.Tensor2D;
  bias: tf.Tensor1D;
  exponents: Int32Array | null;
}

function realWeights(layer: Layer, precision: Precision | null): RealWeights {
  const { kernel, bias, format } = layer;
  if (precision === null) return { kernel, bias, exponents: null };
  const exponents = layerExponents(layer, precision);
  const quantized = fakeQuantizeWeights(kernel, exponents, precision);
  if (!isInteger(precision)) return { kernel: quantized, bias, exponents: null };
  return { kernel: quantized, bias: fakeQuantizeBiases(bias, exponents, format), exponents };
}

export function layerExponents({ kernel, bias, format }: Layer, precision: Precision): Int32Array {
  return rowExponents(kernel.dataSync() as Float32Array, bias.dataSync() as Float32Array, format, precision);
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

function recurrentLayer(kernel: Float32Array, hidden: number, columns: number): Layer {
  const made = layer(kernel, [4 * hidden, columns], encoderRows);
  const bias = Float32Array.from({ length: 4 * hidden }, (_, row) =>
    row < hidden ? INITIAL_UPDATE_BIAS : 0,
  );
  made.bias.assign(tf.tensor1d(bias));
  return made;
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

function initialDecoder(hidden: number, random: Random): DecoderLayers {
  const columns = 2 * hidden;
  const reach = Math.sqrt(3 / hidden);
  const kernel = new Float32Array(4 * hidden * columns);
  for (let row = 0; row < 4 * hidden; row++) {
    const kind = Math.floor(row / hidden);
    if (kind !== 3) kernel.set(uniform(hidden, reach, random), row * columns);
    if (kind !== 2) kernel.set(uniform(hidden, reach, random), row * columns + hidden);
  }
  const readout = layer(uniform(hidden, 0.3 / Math.sqrt(hidden), random), [1, hidden], outputRows);
  readout.bias.assign(tf.tensor1d([INITIAL_READOUT]));
  return { recurrent: recurrentLayer(kernel, hidden, columns), readout };
}
