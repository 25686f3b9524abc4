import type * as tf from '@tensorflow/tfjs-core';
import { type IntegerNetwork, lifetimeOutputs, networkOutputs } from '../lifetime/integer-network.js';
import { quantizedBiases, quantizedWeights, rowShifts } from './quantize.js';
import { type Layer, layerExponents, type Student } from './student.js';

export type ExportSettings = Pick<
  IntegerNetwork,
  'gates' | 'minPhotons' | 'photonFeature' | 'lifetimeRangePs'
>;

// The training of the standard errors comes next; until then every pixel has this one, whatever its photons.
const STANDARD_ERRORS = networkOutputs.length - lifetimeOutputs.length;
const STANDARD_ERROR_PS = 200;
const STANDARD_ERROR_SHIFT = 1;

const constantRows = (value: number): number[] => Array<number>(STANDARD_ERRORS).fill(value);

/** The integer network whose lifetimes are those of the student's quantized forward pass. */
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
    outputWeights: Int8Array.of(...outputLayer.weights, ...new Int8Array(STANDARD_ERRORS * head)),
    shifts: encoder.shifts,
    headShifts: hiddenLayer.shifts,
    outputShifts: Uint8Array.of(...outputLayer.shifts, ...constantRows(STANDARD_ERROR_SHIFT)),
    biases: encoder.biases,
    headBiases: hiddenLayer.biases,
    outputBiases: Int32Array.of(
      ...outputLayer.biases,
      ...constantRows(STANDARD_ERROR_PS << STANDARD_ERROR_SHIFT),
    ),
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
