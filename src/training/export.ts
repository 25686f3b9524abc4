import type * as tf from '@tensorflow/tfjs-core';
import type { IntegerNetwork } from '../lifetime/integer-network.js';
import { quantizedBiases, quantizedWeights, rowShifts } from './quantize.js';
import { type Layer, layerExponents, type Student } from './student.js';

export type ExportSettings = Pick<
  IntegerNetwork,
  'gates' | 'minPhotons' | 'photonFeature' | 'lifetimeRangePs'
>;

/** The integer network whose outputs are those of the student's quantized forward pass. */
export function exportNetwork(student: Student, settings: ExportSettings): IntegerNetwork {
  const { hidden, head } = student.shape;
  const encoder = quantizedLayer(student.encoder);
  const hiddenLayer = quantizedLayer(student.hiddenLayer);
  const outputLayer = quantizedLayer(student.outputLayer);
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
    outputWeights: outputLayer.weights,
    shifts: encoder.shifts,
    headShifts: hiddenLayer.shifts,
    outputShifts: outputLayer.shifts,
    biases: encoder.biases,
    headBiases: hiddenLayer.biases,
    outputBiases: outputLayer.biases,
  };
}

function quantizedLayer(layer: Layer): { weights: Int8Array; shifts: Uint8Array; biases: Int32Array } {
  const exponents = layerExponents(layer);
  const numbers = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;
  return {
    weights: quantizedWeights(numbers(layer.kernel), exponents),
    shifts: rowShifts(exponents, layer.format),
    biases: quantizedBiases(numbers(layer.bias), exponents, layer.format),
  };
}
