import type { DecoderWeights } from '../../src/lifetime/integer-decoder.js';
import { checkDecoder } from '../../src/lifetime/integer-decoder.js';
import type { Random } from '../../src/random/random.js';
import { type NetworkStyle, randomNetwork } from './random-network.js';

/** Random weights of a decoder, its recurrent rows as those of an encoder of the style; the readout is a trained one. */
export function randomDecoder(random: Random, hidden: number, style: NetworkStyle): DecoderWeights {
  const shape = { gates: 1, hidden, head: 1 };
  const [rows, context] = [randomNetwork(random, shape, style), randomNetwork(random, shape, style)];
  const readoutShift = 12;
  const decoder = {
    recurrentWeights: rows.recurrentWeights,
    contextWeights: context.recurrentWeights,
    readoutWeights: Int8Array.from({ length: hidden }, () => random.below(255) - 127),
    shifts: rows.shifts,
    readoutShift: Uint8Array.of(readoutShift),
    biases: rows.biases,
    readoutBias: Int32Array.of(4000 << readoutShift),
  };
  checkDecoder(decoder, { hidden });
  return decoder;
}
