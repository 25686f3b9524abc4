import type { Random } from '../../src/camera-sim/random.js';
import { type IntegerNetwork, type NetworkShape, checkNetwork } from '../../src/lifetime/integer-network.js';
import { fixedPoint } from '../../src/protocol/fixed-point.js';

/**
 * - `trained`: sums land where the activations bend, as in a trained network.
 * - `legal`: every number anywhere in its legal range.
 * - `extreme`: every number at an end of its legal range.
 */
export type NetworkStyle = 'trained' | 'legal' | 'extreme';

/** A random network that uses its whole output range: no lifetime is invalid for being out of range. */
export function randomNetwork(random: Random, shape: NetworkShape, style: NetworkStyle): IntegerNetwork {
  const { hidden, head } = shape;
  const weights = (length: number) =>
    Int8Array.from({ length }, () => draw(random, style, fixedPoint.weightLimit));
  const biases = (length: number, limit: number) =>
    Int32Array.from({ length }, () => draw(random, style, limit));
  const shifts = (length: number, low: number, high: number) =>
    Uint8Array.from({ length }, () => drawShift(random, style, low, high));
  const trained = style === 'trained';
  const network: IntegerNetwork = {
    ...shape,
    minPhotons: 1,
    photonFeature: [-640, 1024],
    lifetimeRangePs: [1, 0xffff],
    recurrentWeights: weights(3 * hidden * hidden),
    inputWeights: weights(3 * hidden),
    photonWeights: weights(3 * hidden),
    headWeights: weights(head * hidden),
    outputWeights: weights(2 * head),
    shifts: shifts(4 * hidden, 3, 7),
    headShifts: shifts(head, 10, 14),
    outputShifts: shifts(2, 11, 13),
    biases: biases(4 * hidden, trained ? 1 << 14 : fixedPoint.biasLimit - 1),
    headBiases: biases(head, trained ? 1 << 22 : fixedPoint.headBiasLimit - 1),
    outputBiases: biases(2, trained ? 1 << 22 : fixedPoint.headBiasLimit - 1),
  };
  // A positive offset keeps the outputs of a trained-like network between the clamps.
  if (trained) network.outputBiases.set(Array.from(network.outputShifts, (shift) => 6000 << shift));
  checkNetwork(network);
  return network;
}

function draw(random: Random, style: NetworkStyle, limit: number): number {
  if (style === 'extreme') return random.uniform() < 0.5 ? -limit : limit;
  return random.below(2 * limit + 1) - limit;
}

function drawShift(random: Random, style: NetworkStyle, low: number, high: number): number {
  if (style === 'extreme') return random.uniform() < 0.5 ? 1 : fixedPoint.maxShift;
  const [first, last] = style === 'legal' ? [1, fixedPoint.maxShift] : [low, high];
  return first + random.below(last - first + 1);
}
