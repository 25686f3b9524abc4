import { fixedPoint } from '../protocol/fixed-point.js';
import {
  checkInteger,
  checkParts,
  damagedWeights,
  fileBytes,
  parseParts,
  serializeParts,
  weightPart,
} from './weight-parts.js';

/** The two mean lifetimes. Two different numbers: see "Units in names" in ARCHITECTURE.md. */
export const lifetimeOutputs = ['meanLifetimeAmplitude', 'meanLifetimeIntensity'] as const;
export type LifetimeOutput = (typeof lifetimeOutputs)[number];

/** Outputs of the network in weight order: the lifetimes, and the standard error of each. */
export const networkOutputs = [
  ...lifetimeOutputs,
  'standardErrorAmplitude',
  'standardErrorIntensity',
] as const;

export interface NetworkShape {
  /** Time steps. */
  gates: number;
  /** H, units of the recurrent encoder. */
  hidden: number;
  /** D, units of the head's hidden layer. */
  head: number;
}

/**
 * The integer Seq2SeqLite network, as docs/fixed-point.md specifies it. Matrices are row-major `[unit][input]`;
 * rows of the encoder are grouped by kind: z (update), r (reset), nh (new, hidden part), nx (new, input part).
 */
export interface IntegerNetwork extends NetworkShape {
  /** Pixels with fewer photons than this are invalid. */
  minPhotons: number;
  /** uMin and uMax, the trained range of the photon feature, Q7. */
  photonFeature: readonly [number, number];
  /** Lifetimes outside this range, ps, are invalid. */
  lifetimeRangePs: readonly [number, number];
  /** Wh of z, r, nh: `[3][H][H]`. */
  recurrentWeights: Int8Array;
  /** Wx of z, r, nx: `[3][H]`. */
  inputWeights: Int8Array;
  /** Wu of z, r, nx: `[3][H]`. */
  photonWeights: Int8Array;
  /** W1: `[D][H]`. */
  headWeights: Int8Array;
  /** W2: `[O][D]`. */
  outputWeights: Int8Array;
  /** Shifts of z, r, nh, nx: `[4][H]`. */
  shifts: Uint8Array;
  headShifts: Uint8Array;
  outputShifts: Uint8Array;
  /** Biases of z, r, nh, nx: `[4][H]`. */
  biases: Int32Array;
  headBiases: Int32Array;
  outputBiases: Int32Array;
}

export type NetworkWeights = Pick<IntegerNetwork, (typeof parts)[number]['name']>;

const { weightLimit, maxShift, biasLimit, headBiasLimit } = fixedPoint;
const OUTPUTS = networkOutputs.length;
type Shape = NetworkShape;

/** The parts of `weights.bin` in file order (docs/fixed-point.md §6) with the largest value of each. */
const parts = [
  weightPart('recurrentWeights', Int8Array, weightLimit, ({ hidden }: Shape) => 3 * hidden * hidden),
  weightPart('inputWeights', Int8Array, weightLimit, ({ hidden }: Shape) => 3 * hidden),
  weightPart('photonWeights', Int8Array, weightLimit, ({ hidden }: Shape) => 3 * hidden),
  weightPart('headWeights', Int8Array, weightLimit, ({ hidden, head }: Shape) => head * hidden),
  weightPart('outputWeights', Int8Array, weightLimit, ({ head }: Shape) => OUTPUTS * head),
  weightPart('shifts', Uint8Array, maxShift, ({ hidden }: Shape) => 4 * hidden),
  weightPart('headShifts', Uint8Array, maxShift, ({ head }: Shape) => head),
  weightPart('outputShifts', Uint8Array, maxShift, () => OUTPUTS),
  weightPart('biases', Int32Array, biasLimit - 1, ({ hidden }: Shape) => 4 * hidden),
  weightPart('headBiases', Int32Array, headBiasLimit - 1, ({ head }: Shape) => head),
  weightPart('outputBiases', Int32Array, headBiasLimit - 1, () => OUTPUTS),
] as const;

const weightsFile = { owner: 'network', parts } as const;

/** Size of `weights.bin`. */
export const weightBytes = (shape: NetworkShape): number => fileBytes(weightsFile, shape);

/** The content of `weights.bin`. */
export const serializeWeights = (network: IntegerNetwork): Uint8Array =>
  serializeParts(weightsFile, network, network);

/** The typed arrays in `weights.bin`, not yet checked; throws FLIMD_E_MODEL_FILE where the size is wrong. */
export const parseWeights = (bytes: Uint8Array, shape: NetworkShape): NetworkWeights =>
  parseParts(weightsFile, bytes, shape) as NetworkWeights;

/**
 * Checks every bound of docs/fixed-point.md on which the arithmetic of the kernels rests; throws
 * FLIMD_E_MODEL_FILE with the first value that breaks one.
 */
export function checkNetwork(network: IntegerNetwork): void {
  const { gates, hidden, head, photonFeature, lifetimeRangePs } = network;
  checkInteger('network', 'gates', gates, 1, fixedPoint.maxGates);
  checkInteger('network', 'hidden', hidden, fixedPoint.unitGranule, fixedPoint.maxUnits);
  if (hidden % fixedPoint.unitGranule !== 0) {
    throw damagedWeights('network', 'hidden', hidden, `a multiple of ${fixedPoint.unitGranule}`);
  }
  checkInteger('network', 'head', head, 1, fixedPoint.maxUnits);
  checkInteger('network', 'minPhotons', network.minPhotons, 1, fixedPoint.maxPhotons);
  checkRange('photonFeature', photonFeature, -fixedPoint.photonFeatureLimit, fixedPoint.photonFeatureLimit);
  checkRange('lifetimeRangePs', lifetimeRangePs, 1, 0xffff);
  checkParts(weightsFile, network, network);
}

function checkRange(name: string, [first, last]: readonly [number, number], low: number, high: number): void {
  checkInteger('network', `${name}[0]`, first, low, high);
  checkInteger('network', `${name}[1]`, last, first, high);
}
