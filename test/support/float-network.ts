import { type IntegerNetwork, networkOutputs } from '../../src/lifetime/integer-network.js';

/** The piecewise quadratic activations as real functions. */
const tanh = (x: number) => (Math.abs(x) < 2 ? x * (1 - Math.abs(x) / 4) : Math.sign(x));
const sigmoid = (x: number) => 0.5 + 0.5 * tanh(x / 2);

/**
 * The same network in double precision and without rounding or saturation, from the real values that its integers
 * stand for: weight = W·2^−e, e = s + 5 in the encoder, s − 3 and s − 2 in the head. Lifetimes in ps.
 */
export function floatLifetimes(network: IntegerNetwork, counts: ArrayLike<number>): number[] {
  const photons = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const [low, high] = network.photonFeature;
  const exponent = Math.floor(Math.log2(photons));
  const linearLog = exponent + photons / 2 ** exponent - 1;
  const u = Math.max(low / 128, Math.min(high / 128, linearLog - 10));
  let state = new Float64Array(network.hidden);
  for (const count of Array.from(counts)) state = step(network, state, 8 * Math.sqrt(count / photons), u);
  const layer = Float64Array.from({ length: network.head }, (_, unit) =>
    tanh(headSum(network.headWeights, network.headBiases, network.headShifts[unit]! - 3, unit, state)),
  );
  return networkOutputs.map(
    (_, o) =>
      8192 * headSum(network.outputWeights, network.outputBiases, network.outputShifts[o]! - 2, o, layer),
  );
}

function step(network: IntegerNetwork, state: Float64Array, x: number, u: number): Float64Array<ArrayBuffer> {
  const { hidden, inputWeights, photonWeights, recurrentWeights, biases, shifts } = network;
  const recurrent = (row: number) =>
    state.reduce((sum, h, i) => sum + h * recurrentWeights[row * hidden + i]!, 0);
  const input = (row: number) => x * inputWeights[row]! + u * photonWeights[row]!;
  const preActivation = (sum: number, row: number) => {
    const e = shifts[row]! + 5;
    return sum * 2 ** -e + biases[row]! * 2 ** -(e + 7);
  };
  return Float64Array.from(state, (h, unit) => {
    const [z, r, newHidden, newInput] = [unit, hidden + unit, 2 * hidden + unit, 3 * hidden + unit] as const;
    const update = sigmoid(preActivation(input(z) + recurrent(z), z));
    const reset = sigmoid(preActivation(input(r) + recurrent(r), r));
    const candidate = tanh(
      preActivation(input(newHidden), newInput) + reset * preActivation(recurrent(newHidden), newHidden),
    );
    return update * h + (1 - update) * candidate;
  });
}

function headSum(
  weights: Int8Array,
  biases: Int32Array,
  e: number,
  unit: number,
  input: Float64Array,
): number {
  const sum = input.reduce((total, value, i) => total + value * weights[unit * input.length + i]!, 0);
  return sum * 2 ** -e + biases[unit]! * 2 ** -(e + 15);
}
