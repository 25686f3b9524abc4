/**
 * Constants of the integer network (docs/fixed-point.md). Written once here; the C++ header is generated.
 * "Qn" is a signed number with n fraction bits.
 */
export const fixedPoint = {
  /** Photons of a pixel: more than this in the gates is invalid (saturated). */
  maxPhotons: 1 << 20,
  /** Reciprocal of the photon count: floor(2^31 / N). */
  reciprocalBits: 31,
  /** (count × reciprocal) >> this gives the photon fraction in Q20. */
  fractionShift: 11,
  /** isqrt of a Q20 fraction: 1.0 is this. Read by the network in Q7, so 1.0 is worth 8. */
  featureOne: 1024,
  /** Fraction bits of the inputs and of the int8 hidden state in a dot product. */
  inputFractionBits: 7,
  /** The photon feature is log2(N) − this. */
  photonFeatureCentre: 10,
  /** Pre-activations are saturated int16 in Q12. */
  preActivationFractionBits: 12,
  /** The hidden state, gate values and head activations are int16 in Q15. */
  stateFractionBits: 15,
  /** |tanh argument| from which it is one, Q12: 2.0 − 1 LSB. */
  tanhLimit: 8191,
  /** |sigmoid argument| from which it is zero or one, Q12: 4.0 − 1 LSB. */
  sigmoidLimit: 16383,
  /** "One" of the activations. */
  activationOne: 32766,
  /** An output of one LSB is 1 ps; the network's 1.0 is this many ps. */
  outputPsPerUnit: 8192,
  /** A deconvolved decay at its start: 1.0 of the decoder's output is this. */
  decayOne: 8192,
  /** Weights are int8 and never −128. */
  weightLimit: 127,
  /** Biases, in units of their row's accumulator, stay below this, so that float32 holds every sum exactly. */
  biasLimit: 1 << 22,
  /** The same for the two layers of the head, whose sums only int32 holds. */
  headBiasLimit: 1 << 30,
  /** Rounding shifts of accumulators are 1 to this. */
  maxShift: 24,
  /** The photon feature and its trained range stay within ± this, Q7. */
  photonFeatureLimit: 1920,
  /** Units of the encoder (a multiple of `unitGranule`) and of the head's hidden layer: at most this. */
  maxUnits: 64,
  unitGranule: 4,
  /** Gates, the time steps of the network: at most this. */
  maxGates: 256,
} as const;
