import type { Random } from '../../src/random/random.js';
import {
  type IntegerNetwork,
  type NetworkShape,
  checkNetwork,
  networkOutputs,
} from '../../src/lifetime/integer-network.js';
import { fixedPoint } from '../../src/protocol/fixed-point.js';

/**
 * - `trained`: sums land where the activations bend, as in a trained network.
 * - `legal`: every number anywhere in its legal range.
 * - `extreme`: every number at an end of its legal range.
 */
export type NetworkStyle = 'trained' | 'legal' | 'extreme';

/**
 * A random network that uses its whole output range: no lifetime is invalid for being out of range. Only a head in
 * the `trained` style lets all of the encoder's state be seen; the other heads are mostly at their clamps.
 */
export function randomNetwork(
  random: Random,
  shape: NetworkShape,
  encoder: NetworkStyle,
  head: NetworkStyle = encoder,
): IntegerNetwork {
  const network: IntegerNetwork = {
    ...shape,
    minPhotons: 1,
    photonFeature: [-640, 1024],
    lifetimeRangePs: [1, 0xffff],
    ...randomEncoder(random, shape, encoder),
    ...randomHead(random, shape, head),
  };
  checkNetwork(network);
  return network;
}

function randomEncoder(random: Random, { hidden }: NetworkShape, style: NetworkStyle) {
  const biasLimit = style === 'trained' ? 1 << 14 : fixedPoint.biasLimit - 1;
  return {
    recurrentWeights: randomWeights(random, style, 3 * hidden * hidden),
    inputWeights: randomWeights(random, style, 3 * hidden),
    photonWeights: randomWeights(random, style, 3 * hidden),
    shifts: randomShifts(random, style, 4 * hidden, [3, 7]),
    biases: randomBiases(random, style, 4 * hidden, biasLimit),
  };
}

function randomHead(random: Random, { hidden, head }: NetworkShape, style: NetworkStyle) {
  const trained = style === 'trained';
  const biasLimit = trained ? 1 << 22 : fixedPoint.headBiasLimit - 1;
  const outputShifts = randomShifts(random, style, networkOutputs.length, [11, 13]);
  return {
    headWeights: randomWeights(random, style, head * hidden),
    outputWeights: randomWeights(random, style, networkOutputs.length * head),
    headShifts: randomShifts(random, style, head, [10, 14]),
    outputShifts,
    headBiases: randomBiases(random, style, head, biasLimit),
    // An offset keeps the outputs of a trained-like head between the clamps.
    outputBiases: trained
      ? Int32Array.from(outputShifts, (shift) => 20_000 << shift)
      : randomBiases(random, style, networkOutputs.length, biasLimit),
  };
}

function randomWeights(random: Random, style: NetworkStyle, length: number): Int8Array {
  const limit = fixedPoint.weightLimit;
  return Int8Array.from({ length }, () =>
    style === 'extreme' ? anEnd(random, limit) : between(random, limit),
  );
}

/** Extreme biases are at an end or 0: where all are at an end, none of the sums can change a sign. */
function randomBiases(random: Random, style: NetworkStyle, length: number, limit: number): Int32Array {
  const extreme = () => (random.below(3) === 0 ? 0 : anEnd(random, limit));
  return Int32Array.from({ length }, () => (style === 'extreme' ? extreme() : between(random, limit)));
}

function randomShifts(
  random: Random,
  style: NetworkStyle,
  length: number,
  [low, high]: [number, number],
): Uint8Array {
  const [first, last] = style === 'trained' ? [low, high] : [1, fixedPoint.maxShift];
  const extreme = () => (random.uniform() < 0.5 ? first : last);
  return Uint8Array.from({ length }, () =>
    style === 'extreme' ? extreme() : first + random.below(last - first + 1),
  );
}

const anEnd = (random: Random, limit: number): number => (random.uniform() < 0.5 ? -limit : limit);
const between = (random: Random, limit: number): number => random.below(2 * limit + 1) - limit;
