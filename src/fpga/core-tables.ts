import type { GatePlan } from '../lifetime/gate-plan.js';
import type { IntegerDecoder } from '../lifetime/integer-decoder.js';
import { type IntegerNetwork, networkOutputs } from '../lifetime/integer-network.js';

/** Units of a core: those of its model, or more where smaller models are to be loaded into it. */
export interface CoreShape {
  hidden: number;
  head: number;
}

/** A bin that belongs to no gate. */
export const NO_GATE = 0xffff;
const WEIGHTS_PER_WORD = 8;
const OUTPUTS = networkOutputs.length;

/**
 * The numbers of a network in the words that the core reads (hls/core): rows of int8 weights in 64-bit words, the first
 * input in the lowest byte, every row beginning with a word of its own; what a unit has one of per row in the bytes of
 * a 32-bit word.
 */
export interface CoreTables {
  updateWeights: bigint[];
  resetWeights: bigint[];
  newWeights: bigint[];
  /** Wx of z, r, nx in the bytes. */
  inputWeights: number[];
  /** Wu of z, r, nx in the bytes. */
  photonWeights: number[];
  /** Shifts of z, r, nh, nx in the bytes. */
  shifts: number[];
  updateBiases: number[];
  resetBiases: number[];
  newHiddenBiases: number[];
  newInputBiases: number[];
  headWeights: bigint[];
  headBiases: number[];
  headShifts: number[];
  /** W2 of the four outputs in the bytes. */
  outputWeights: number[];
  outputBiases: number[];
  outputShifts: number[];
}

/** Words of a row of weights. */
export const rowWords = (inputs: number): number => Math.ceil(inputs / WEIGHTS_PER_WORD);

/** The values in the bytes of a 32-bit word, the first in the lowest. */
const bytesOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((word, value, byte) => word | ((value & 0xff) << (8 * byte)), 0) >>> 0;

/** Rows `first` … of a row-major matrix, padded with rows and inputs of weight 0. */
function rows(
  matrix: Int8Array,
  { first, count, inputs }: { first: number; count: number; inputs: number },
  padded: { rows: number; inputs: number },
): bigint[] {
  const words: bigint[] = [];
  for (let row = 0; row < padded.rows; row++) {
    const weights = new Uint8Array(rowWords(padded.inputs) * WEIGHTS_PER_WORD);
    if (row < count) weights.set(matrix.subarray((first + row) * inputs, (first + row + 1) * inputs));
    words.push(...new BigUint64Array(weights.buffer));
  }
  return words;
}

/** Elements of one kind of rows, padded. */
function part(values: ArrayLike<number>, kind: number, units: number, padded: number, filler: number) {
  const own = Array.from({ length: units }, (_, unit) => values[kind * units + unit]!);
  return [...own, ...Array<number>(padded - units).fill(filler)];
}

/**
 * Tables of a network for a core of a shape. Padded units have weights and biases 0 and shifts 1: their state stays 0
 * exactly, and so does what they add.
 */
export function coreTables(network: IntegerNetwork, shape: CoreShape): CoreTables {
  const { hidden, head } = network;
  const recurrent = (kind: number) => recurrentRows(network.recurrentWeights, kind, hidden, shape.hidden);
  const ofKinds = (values: ArrayLike<number>, kinds: number, filler: number): number[] => {
    const parts = Array.from({ length: kinds }, (_, kind) =>
      part(values, kind, hidden, shape.hidden, filler),
    );
    return Array.from({ length: shape.hidden }, (_, unit) => bytesOf(parts.map((each) => each[unit]!)));
  };
  const biases = (kind: number) => part(network.biases, kind, hidden, shape.hidden, 0);
  const outputs = Array.from({ length: OUTPUTS }, (_, output) =>
    part(network.outputWeights, output, head, shape.head, 0),
  );
  return {
    updateWeights: recurrent(0),
    resetWeights: recurrent(1),
    newWeights: recurrent(2),
    inputWeights: ofKinds(network.inputWeights, 3, 0),
    photonWeights: ofKinds(network.photonWeights, 3, 0),
    shifts: ofKinds(network.shifts, 4, 1),
    updateBiases: biases(0),
    resetBiases: biases(1),
    newHiddenBiases: biases(2),
    newInputBiases: biases(3),
    headWeights: rows(
      network.headWeights,
      { first: 0, count: head, inputs: hidden },
      { rows: shape.head, inputs: shape.hidden },
    ),
    headBiases: part(network.headBiases, 0, head, shape.head, 0),
    headShifts: part(network.headShifts, 0, head, shape.head, 1),
    outputWeights: Array.from({ length: shape.head }, (_, unit) =>
      bytesOf(outputs.map((weights) => weights[unit]!)),
    ),
    outputBiases: [...network.outputBiases],
    outputShifts: [...network.outputShifts],
  };
}

const recurrentRows = (matrix: Int8Array, kind: number, hidden: number, padded: number): bigint[] =>
  rows(matrix, { first: kind * hidden, count: hidden, inputs: hidden }, { rows: padded, inputs: padded });

/** The tables of a decoder, for a core of its own size. */
export function decoderTables(decoder: IntegerDecoder, hidden: number) {
  const recurrent = (kind: number) => recurrentRows(decoder.recurrentWeights, kind, hidden, hidden);
  const context = (kind: number) => recurrentRows(decoder.contextWeights, kind, hidden, hidden);
  const kinds = (values: ArrayLike<number>) =>
    Array.from({ length: 4 }, (_, kind) => part(values, kind, hidden, hidden, 0));
  const shifts = kinds(decoder.shifts);
  const [updateBiases, resetBiases, newHiddenBiases, newInputBiases] = kinds(decoder.biases);
  return {
    updateWeights: recurrent(0),
    resetWeights: recurrent(1),
    newWeights: recurrent(2),
    contextUpdateWeights: context(0),
    contextResetWeights: context(1),
    contextNewWeights: context(2),
    shifts: Array.from({ length: hidden }, (_, unit) => bytesOf(shifts.map((each) => each[unit]!))),
    updateBiases: updateBiases!,
    resetBiases: resetBiases!,
    newHiddenBiases: newHiddenBiases!,
    newInputBiases: newInputBiases!,
    readoutWeights: [...decoder.readoutWeights],
  };
}

/** The gate of every bin, or NO_GATE. */
export function binGates({ bins, firstBin, endBin }: GatePlan): Uint16Array {
  const gates = new Uint16Array(bins).fill(NO_GATE);
  firstBin.forEach((first, gate) => gates.fill(gate, first, endBin[gate]));
  return gates;
}
