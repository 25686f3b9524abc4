import type * as tf from '@tensorflow/tfjs-core';
import type { DecoderWeights } from '../lifetime/integer-decoder.js';
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
  const columns = { total: hidden + 2, hidden };
  return {
    ...settings,
    hidden,
    head,
    recurrentWeights: columnsOf(encoder.weights, columns, stateRows, 0, hidden),
    inputWeights: columnsOf(encoder.weights, columns, inputRows, hidden, 1),
    photonWeights: columnsOf(encoder.weights, columns, inputRows, hidden + 1, 1),
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

/** The decoder of the network's quantized forward pass; null where it has none. */
export function exportDecoder(network: Network, precision: QatPrecision = 8): DecoderWeights | null {
  if (network.decoder === null) return null;
  const { hidden } = network.shape;
  const recurrent = quantizedLayer(network.decoder.recurrent, precision);
  const readout = quantizedLayer(network.decoder.readout, precision);
  const columns = { total: 2 * hidden, hidden };
  return {
    recurrentWeights: columnsOf(recurrent.weights, columns, stateRows, 0, hidden),
    contextWeights: columnsOf(recurrent.weights, columns, inputRows, hidden, hidden),
    readoutWeights: readout.weights,
    shifts: recurrent.shifts,
    readoutShift: readout.shifts,
    biases: recurrent.biases,
    readoutBias: readout.biases,
  };
}

/** Kinds of rows, of z 0, r 1, nh 2, nx 3, that have weights of the state, and that have weights of the inputs. */
const stateRows = [0, 1, 2] as const;
const inputRows = [0, 1, 3] as const;

/** `count` columns from `first` on, of the rows of these kinds, row-major. */
function columnsOf(
  kernel: Int8Array,
  { total, hidden }: { total: number; hidden: number },
  kinds: readonly number[],
  first: number,
  count: number,
): Int8Array {
  const part = new Int8Array(kinds.length * hidden * count);
  kinds.forEach((kind, block) => {
    for (let unit = 0; unit < hidden; unit++) {
      const from = (kind * hidden + unit) * total + first;
      part.set(kernel.subarray(from, from + count), (block * hidden + unit) * count);
    }
  });
  return part;
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
