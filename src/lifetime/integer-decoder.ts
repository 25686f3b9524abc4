import { fixedPoint } from '../protocol/fixed-point.js';
import type { IntegerNetwork } from './integer-network.js';
import { checkParts, fileBytes, parseParts, serializeParts, weightPart } from './weight-parts.js';

/**
 * The decoder of an integer network (docs/fixed-point.md §7): turns the encoder's last state into the deconvolved
 * decay. Matrices are row-major `[unit][input]`, rows grouped by kind as in the encoder: z, r, nh, nx.
 */
export interface IntegerDecoder extends DecoderWeights {
  /** Duration of a step of the decay. */
  stepFs: number;
  /** Centre of the response as trained, from the start of detector bin 0: where the decay's time zero lies. */
  zeroFs: number;
}

/** H, units of the encoder and of the decoder. */
type Shape = Pick<IntegerNetwork, 'hidden'>;

export interface DecoderWeights {
  /** Wh of z, r, nh: `[3][H][H]`. */
  recurrentWeights: Int8Array;
  /** Wc, of the encoder's last state, of z, r, nx: `[3][H][H]`. */
  contextWeights: Int8Array;
  /** `[H]` */
  readoutWeights: Int8Array;
  /** Shifts of z, r, nh, nx: `[4][H]`. */
  shifts: Uint8Array;
  /** `[1]` */
  readoutShift: Uint8Array;
  /** Biases of z, r, nh, nx: `[4][H]`. */
  biases: Int32Array;
  /** `[1]` */
  readoutBias: Int32Array;
}

const { weightLimit, maxShift, biasLimit, headBiasLimit } = fixedPoint;

/** `decoder.bin` in file order (docs/fixed-point.md §7). */
const decoderFile = {
  owner: 'decoder',
  parts: [
    weightPart('recurrentWeights', Int8Array, weightLimit, ({ hidden }: Shape) => 3 * hidden * hidden),
    weightPart('contextWeights', Int8Array, weightLimit, ({ hidden }: Shape) => 3 * hidden * hidden),
    weightPart('readoutWeights', Int8Array, weightLimit, ({ hidden }: Shape) => hidden),
    weightPart('shifts', Uint8Array, maxShift, ({ hidden }: Shape) => 4 * hidden),
    weightPart('readoutShift', Uint8Array, maxShift, () => 1),
    weightPart('biases', Int32Array, biasLimit - 1, ({ hidden }: Shape) => 4 * hidden),
    weightPart('readoutBias', Int32Array, headBiasLimit - 1, () => 1),
  ],
} as const;

/** Size of `decoder.bin`. */
export const decoderBytes = (shape: Shape): number => fileBytes(decoderFile, shape);

/** The content of `decoder.bin`. */
export function serializeDecoder(decoder: DecoderWeights): Uint8Array {
  return serializeParts(decoderFile, decoder, { hidden: decoder.readoutWeights.length });
}

/** The typed arrays in `decoder.bin`, not yet checked; throws FLIMD_E_MODEL_FILE where the size is wrong. */
export const parseDecoder = (bytes: Uint8Array, shape: Shape): DecoderWeights =>
  parseParts(decoderFile, bytes, shape) as unknown as DecoderWeights;

/** Throws FLIMD_E_MODEL_FILE with the first weight out of the bounds of docs/fixed-point.md §7. */
export function checkDecoder(decoder: DecoderWeights, shape: Shape): void {
  checkParts(decoderFile, decoder, shape);
}

/** Parameters of a decoder of H units. */
export const decoderParameters = ({ hidden }: Shape): number => 6 * hidden * hidden + 4 * hidden + hidden + 1;

/** Multiply-accumulates for one decay: the context once, then the state and the readout in every step. */
export const decoderMacs = ({ hidden, gates }: Pick<IntegerNetwork, 'hidden' | 'gates'>): number =>
  3 * hidden * hidden + gates * (3 * hidden * hidden + hidden);
