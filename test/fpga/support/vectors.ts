// Random inputs of the datapath's modules, extremes among them, and what the operations of docs/fixed-point.md make of them.
import {
  gateFeature,
  mulhrs,
  photonFeature,
  reciprocal,
  roundShift,
  sat16,
  sigmoid,
  stateOperand,
  tanh,
} from '../../../src/lifetime/integer-arithmetic.js';
import { Random } from '../../../src/random/random.js';

export interface Vectors {
  numbers: number[];
  expected: number[][];
}

/** A whole number of a range; one in four is an end of it. */
function draw(random: Random, low: number, high: number): number {
  const kind = random.uniform();
  if (kind < 0.125) return low;
  if (kind < 0.25) return high;
  return low + Math.floor(random.uniform() * (high - low + 1));
}

const draws = (random: Random, count: number, low: number, high: number): number[] =>
  Array.from({ length: count }, () => draw(random, low, high));

const dot = (weights: number[], inputs: number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * inputs[at]!, 0);

/** Weights are small in half of the jobs: the sums of the others saturate nearly always. */
const weightLimit = (random: Random): number => (random.uniform() < 0.5 ? 127 : 9);

/** A job of gru_unit, in the order of its bench, and the new state and operand. */
function unitJob(random: Random, inputs: number): [number[], number[]] {
  const limit = weightLimit(random);
  const rows = [0, 1, 2].map(() => draws(random, inputs, -limit, limit));
  const operands = draws(random, inputs, -128, 127);
  const [x, u] = [draw(random, 0, 1024), draw(random, -1920, 1920)];
  const inputWeights = draws(random, 3, -limit, limit);
  const photonWeights = draws(random, 3, -limit, limit);
  const biasLimit = random.uniform() < 0.5 ? 2 ** 22 - 1 : 4000;
  const biases = draws(random, 4, -biasLimit, biasLimit);
  const shifts = random.uniform() < 0.5 ? draws(random, 4, 1, 24) : draws(random, 4, 1, 6);
  const before = draw(random, -32767, 32767);
  const input = (row: number) => inputWeights[row]! * x + photonWeights[row]! * u;
  const scaled = (sum: number, row: number) => sat16(roundShift(biases[row]! + sum, shifts[row]!));
  const z = sigmoid(scaled(input(0) + dot(rows[0]!, operands), 0));
  const r = sigmoid(scaled(input(1) + dot(rows[1]!, operands), 1));
  const newHidden = scaled(dot(rows[2]!, operands), 2);
  const n = tanh(sat16(scaled(input(2), 3) + mulhrs(r, newHidden)));
  const state = sat16(mulhrs(z, before) + mulhrs(32767 - z, n));
  const tail = [x, u, ...inputWeights, ...photonWeights, ...biases, ...shifts, before];
  return [
    [...rows.flat(), ...operands, ...tail],
    [state, stateOperand(state)],
  ];
}

export function unitVectors(seed: number, unroll: number, columns: number, jobs: number): Vectors {
  const random = new Random(seed);
  const all = Array.from({ length: jobs }, () => unitJob(random, unroll * columns));
  const numbers = [unroll, columns, jobs, ...all.flatMap(([inputs]) => inputs)];
  return { numbers, expected: all.map(([, outputs]) => outputs) };
}

/** Photons of the gates of a pixel: of every size, at most 2^20 together. */
function gatesOf(random: Random, gates: number): number[] {
  const photons = Math.floor(2 ** (20 * random.uniform()));
  if (random.uniform() < 0.1) return [2 ** 20, ...new Array<number>(gates - 1).fill(0)];
  const counts = new Array<number>(gates).fill(0);
  let left = photons;
  for (let gate = 0; gate < gates - 1; gate++) {
    counts[gate] = Math.floor(left * random.uniform() * random.uniform());
    left -= counts[gate]!;
  }
  counts[gates - 1] = left;
  return counts;
}

/** Per pixel: the photon feature, then the feature of every gate. */
export function normalizerVectors(seed: number, gates: number, pixels: number): Vectors {
  const random = new Random(seed);
  const all = Array.from({ length: pixels }, () => gatesOf(random, gates));
  const photons = all.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  return {
    numbers: [pixels, gates, ...all.flatMap((counts, pixel) => [photons[pixel]!, ...counts])],
    expected: all.map((counts, pixel) => {
      const share = reciprocal(photons[pixel]!);
      const u = photonFeature(photons[pixel]!, [-1920, 1920]);
      return [u, ...counts.map((count) => gateFeature(count, share))];
    }),
  };
}

export function headVectors(seed: number, unroll: number, columns: number, rows: number): Vectors {
  const random = new Random(seed);
  const numbers = [unroll, columns, rows];
  const expected: number[][] = [];
  for (let row = 0; row < rows; row++) {
    const limit = weightLimit(random);
    const weights = draws(random, unroll * columns, -limit, limit);
    const states = draws(random, unroll * columns, -32767, 32767);
    const bias = draw(random, -(2 ** 30) + 1, 2 ** 30 - 1);
    const shift = draw(random, 1, 24);
    numbers.push(...weights, ...states, bias, shift);
    expected.push([tanh(sat16(roundShift(bias + dot(weights, states), shift)))]);
  }
  return { numbers, expected };
}

/** With small sums in most pixels, so that lifetimes lie in the trained range of 200 to 5,000 ps often. */
export function outputVectors(seed: number, units: number, pixels: number): Vectors {
  const random = new Random(seed);
  const numbers = [units, pixels];
  const expected: number[][] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const photonsValid = random.uniform() < 0.9;
    const extreme = random.uniform() < 0.3;
    const shifts = extreme ? draws(random, 4, 1, 24) : draws(random, 4, 8, 10);
    const biases = shifts.map((shift) =>
      extreme ? draw(random, -(2 ** 30) + 1, 2 ** 30 - 1) : draw(random, 100, 6000) * 2 ** shift,
    );
    const limit = extreme ? 127 : 1;
    const layer = draws(random, units, extreme ? -32767 : -3000, extreme ? 32767 : 3000);
    const weights = layer.map(() => draws(random, 4, -limit, limit));
    numbers.push(photonsValid ? 1 : 0, ...biases, ...shifts);
    layer.forEach((y, unit) => numbers.push(y, ...weights[unit]!));
    const outputs = biases.map((bias, output) => {
      const row = weights.map((column) => column[output]!);
      const ps = roundShift(bias + dot(row, layer), shifts[output]!);
      return Math.max(output < 2 ? 0 : 1, Math.min(0xffff, ps));
    });
    const trained = outputs.slice(0, 2).every((ps) => ps >= 200 && ps <= 5000);
    expected.push(photonsValid && trained ? outputs : [0, 0, 0, 0]);
  }
  return { numbers, expected };
}
