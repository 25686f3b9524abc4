import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { FlimdError } from '../protocol/errors.js';

/** The fused encoder of native/training; see gru-encoder.h there. One instance keeps one forward pass. */
export interface NativeGruEncoder {
  forward(
    kernel: Float32Array,
    bias: Float32Array,
    exponents: Int32Array | null,
    x: Float32Array,
    u: Float32Array,
  ): Float32Array;
  backward(stateGradient: Float32Array, kernelGradient: Float32Array, biasGradient: Float32Array): void;
  /** Instruction set in use. */
  readonly simd: string;
}

interface TrainingAddon {
  GruEncoder: new (hidden: number, gates: number, threads: number, simd?: string) => NativeGruEncoder;
  simd: string[];
}

const ADDON = fileURLToPath(new URL('../../build/Release/flimd_training.node', import.meta.url));

/** @param simd one of `supportedSimd()`; the fastest by default */
export function createNativeGruEncoder(
  hidden: number,
  gates: number,
  threads: number,
  simd?: string,
): NativeGruEncoder {
  const { GruEncoder } = loadAddon();
  return new GruEncoder(hidden, gates, threads, simd);
}

/** Instruction sets the encoder can use on this machine, fastest first. */
export function supportedSimd(): string[] {
  return loadAddon().simd;
}

function loadAddon(): TrainingAddon {
  try {
    return createRequire(import.meta.url)(ADDON) as TrainingAddon;
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_NATIVE_MISSING',
      existsSync(ADDON) ? 'the training kernels do not load' : 'the training kernels are not built',
      { value: ADDON, action: 'run `npm run build:native`; it needs Python 3 and a C++20 compiler' },
      { cause },
    );
  }
}
