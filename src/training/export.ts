import type * as tf from '@tensorflow/tfjs-core';
import { type IntegerNetwork, networkOutputs } from '../lifetime/integer-network.js';
import type { QatPrecision } from './options.js';
import { quantizedBiases, quantizedWeights, rowShifts } from './quantize.js';
import { type Layer, layerExponents, type Network } from './network.js';

export type ExportSettings = Pick<
  IntegerNetwork,
  'gates' | 'minPhotons' | 'photonFeature' | 'lifetimeRangePs'
>;

/** The integer network whose outputs are the first ones of the network's quantized forward pass. */
export function exportNetwork(
  network: Network,
  settings: ExportSettings,
  precision: QatPrecision = 8,
): IntegerNetwork {
  const { hidden, head } = network.shape;
  const encoder = quantizedLayer(network.encoder, precision);
  const hiddenLayer = quantizedLayer(network.hiddenLayer, precision);
  const outputLayer = quantizedLayer(network.outputLayer, precision);
  const exported = networkOutputs.length;
  const columns = hidden + 2;
  const [z, r, nh, nx] = [0, 1, 2, 3].map((kind) => kind * hidden);
  const rowsOf = (starts: number[]): number[] =>
    starts.flatMap((start) => Array.from({ length: hidden }, (_, unit) => start + unit));
  const column = (rows: number[], at: number): Int8Array =>
    Int8Array.from(rows, (row) => encoder.weights[row * columns + at]!);
  const recurrentWeights = Int8Array.from(
    rowsOf([z!, r!, nh!]).flatMap((row) => [
      ...encoder.weights.subarray(row * columns, row * columns + hidden),
    ]),
  );
  return {
    ...settings,
    hidden,
    head,
    recurrentWeights,
    inputWeights: column(rowsOf([z!, r!, nx!]), hidden),
    photonWeights: column(rowsOf([z!, r!, nx!]), hidden + 1),
    headWeights: hiddenLayer.weights,
    outputWeights: outputLayer.weights.slice(0, exported * head),
    shifts: encoder.shifts,
    headShifts: hiddenLayer.shifts,
    outputShifts: outputLayer.shifts.slice(0, exported),
    biases: encoder.biases,
    headBiases: hiddenLayer.biases,
    outputBiases: outputLayer.biases.slice(0, exported),
  };
}

function quantizedLayer(
  layer: Layer,
  precision: QatPrecision,
): { weights: Int8Array; shifts: Uint8Array; biases: Int32Array } {
  const exponents = layerExponents(layer, precision);
  const numbers = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;
  return {
    weights: quantizedWeights(numbers(layer.kernel), exponents, precision),
    shifts: rowShifts(exponents, layer.format),
    biases: quantizedBiases(numbers(layer.bias), exponents, layer.format),
  };
}
