import * as tf from '@tensorflow/tfjs-core';
import { type Batch, BatchSource, type ExampleOptions } from './batches.js';
import { type InputMoments, layerInputs } from './layer-inputs.js';
import type { Layer, Network } from './network.js';
import { type Precision, roundedWeights, rowExponents } from './quantize.js';

/** Pixels that tell post-training quantization what inputs look like. */
const CALIBRATION_PIXELS = 2048;
/** Not a seed of a training. */
const CALIBRATION_SEED = 2 ** 30;

export function calibrationBatch(options: ExampleOptions): Batch {
  return new BatchSource(options, CALIBRATION_PIXELS, CALIBRATION_SEED).make(0);
}

/**
 * Post-training quantization of a float network, in place: what remains are the weights that the precision has.
 *
 * A calibration batch says how large the inputs of every layer are in use. In 4 bit the scale of a row is the one
 * with the smallest squared error of its sum, each weight's error counted by the mean square of its input. Biases
 * then take the mean of the rounding's effect back (bias correction; Nagel et al. 2019, arXiv 1906.04721 §4.2).
 */
export function quantizeAfterTraining(network: Network, precision: Precision, calibration: Batch): void {
  const moments = layerInputs(network, calibration);
  network.layers.forEach((layer, at) => quantizeLayer(layer, precision, moments[at]!));
}

function quantizeLayer({ kernel, bias, format }: Layer, precision: Precision, moments: InputMoments): void {
  const weights = kernel.dataSync() as Float32Array;
  const biases = bias.dataSync() as Float32Array;
  const exponents = rowExponents(weights, biases, format, precision, moments.meanSquare);
  const rounded = roundedWeights(weights, exponents, precision);
  const columns = kernel.shape[1];
  const corrected = biases.map((value, row) => {
    let shift = 0;
    for (let i = 0; i < columns; i++) {
      shift += (rounded[row * columns + i]! - weights[row * columns + i]!) * moments.mean[i]!;
    }
    return value - shift;
  });
  tf.tidy(() => {
    kernel.assign(tf.tensor2d(rounded, kernel.shape));
    bias.assign(tf.tensor1d(corrected));
  });
}
