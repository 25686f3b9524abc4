import type { EncoderInputs } from './gru-op.js';
import { kwanTanh } from './kwan.js';
import { createGruLayer } from './native.js';
import type { Layer, Network } from './network.js';
import * as tf from '@tensorflow/tfjs-core';

/** Mean and mean square of every input of a layer. */
export interface InputMoments {
  mean: Float32Array;
  meanSquare: Float32Array;
}

/** Rows of inputs, [rows][columns]. */
interface Inputs {
  values: Float32Array;
  columns: number;
}

/**
 * How large the inputs of every layer are, over pixels and steps, in a float forward pass of some pixels; in the
 * order of `network.layers`.
 */
export function layerInputs(network: Network, { x, u }: EncoderInputs): InputMoments[] {
  const { encoder, hiddenLayer, decoder, shape } = network;
  const { gates: steps, hidden, head } = shape;
  const pixels = u.length;
  const encode = createGruLayer({ hidden, steps, stepped: true, constants: 1, sequence: true }, 1);
  const states = encode.forward(pixels, ...weightsOf(encoder), null, x, u);
  const last = { values: lastStates(states, steps, hidden), columns: hidden };
  const moments = [
    momentsOf(
      { values: statesBefore(states, steps, hidden), columns: hidden },
      { values: x, columns: 1 },
      { values: u, columns: 1 },
    ),
    momentsOf(last),
    momentsOf({ values: features(last, hiddenLayer), columns: head }),
  ];
  if (decoder === null) return moments;
  const decode = createGruLayer({ hidden, steps, stepped: false, constants: hidden, sequence: true }, 1);
  const decoded = decode.forward(
    pixels,
    ...weightsOf(decoder.recurrent),
    null,
    new Float32Array(0),
    last.values,
  );
  const before = { values: statesBefore(decoded, steps, hidden), columns: hidden };
  return [...moments, momentsOf(before, last), momentsOf({ values: decoded, columns: hidden })];
}

const weightsOf = ({ kernel, bias }: Layer): [Float32Array, Float32Array] => [
  kernel.dataSync() as Float32Array,
  bias.dataSync() as Float32Array,
];

function features({ values, columns }: Inputs, { kernel, bias }: Layer): Float32Array {
  const tensor = tf.tidy(() => {
    const states = tf.tensor2d(values, [values.length / columns, columns]);
    return kwanTanh(tf.add(tf.matMul(states, kernel, false, true), bias) as tf.Tensor2D, false);
  });
  const numbers = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return numbers;
}

/** Moments over the rows of inputs that lie side by side. */
function momentsOf(...parts: Inputs[]): InputMoments {
  const moments = parts.map(({ values, columns }) => {
    const mean = new Float64Array(columns);
    const meanSquare = new Float64Array(columns);
    const rows = values.length / columns;
    for (let at = 0; at < values.length; at++) {
      mean[at % columns]! += values[at]! / rows;
      meanSquare[at % columns]! += values[at]! ** 2 / rows;
    }
    return { mean, meanSquare };
  });
  return {
    mean: Float32Array.from(moments.flatMap(({ mean }) => [...mean])),
    meanSquare: Float32Array.from(moments.flatMap(({ meanSquare }) => [...meanSquare])),
  };
}

/** The states [pixel][step][H] that each step began with; the first began with 0. */
function statesBefore(states: Float32Array, steps: number, hidden: number): Float32Array {
  const before = new Float32Array(states.length);
  const perPixel = steps * hidden;
  for (let at = 0; at < states.length; at += perPixel) {
    before.set(states.subarray(at, at + perPixel - hidden), at + hidden);
  }
  return before;
}

function lastStates(states: Float32Array, steps: number, hidden: number): Float32Array {
  const perPixel = steps * hidden;
  const last = new Float32Array(states.length / steps);
  for (let pixel = 0; pixel < states.length / perPixel; pixel++) {
    const end = (pixel + 1) * perPixel;
    last.set(states.subarray(end - hidden, end), pixel * hidden);
  }
  return last;
}
