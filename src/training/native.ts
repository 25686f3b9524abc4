import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { FlimdError } from '../protocol/errors.js';

/** A recurrent layer as native/training computes it; see gru-layer.h there. */
export interface GruShape {
  /** Units H, a multiple of 4. */
  hidden: number;
  /** Steps T. */
  steps: number;
  /** Whether there is an input x of every step. */
  stepped: boolean;
  /** Inputs K that are the same in every step. */
  constants: number;
  /** Whether the output is the state after every step, or only after the last. */
  sequence: boolean;
}

/** One instance keeps one forward pass for the backward pass after it. */
export interface NativeGruLayer {
  /**
   * Kernel [4H][H + x + K], bias [4H], exponents [4H] of a quantized layer, x [batch][T] (empty where there is none),
   * constants [batch][K] → [batch][H] or, of a sequence, [batch][T][H].
   */
  forward(
    batch: number,
    kernel: Float32Array,
    bias: Float32Array,
    exponents: Int32Array | null,
    x: Float32Array,
    constants: Float32Array,
  ): Float32Array;
  backward(
    outputGradient: Float32Array,
    kernelGradient: Float32Array,
    biasGradient: Float32Array,
    constantGradient: Float32Array | null,
  ): void;
  /** Instruction set in use. */
  readonly simd: string;
}

interface TrainingAddon {
  GruLayer: new (shape: GruShape, threads: number, simd?: string) => NativeGruLayer;
  simd: string[];
}

const ADDON = fileURLToPath(new URL('../../build/Release/flimd_training.node', import.meta.url));

/** @param simd one of `supportedSimd()`; the fastest by default */
export function createGruLayer(shape: GruShape, threads: number, simd?: string): NativeGruLayer {
  const { GruLayer } = loadAddon();
  return new GruLayer(shape, threads, simd);
}

/** Instruction sets the layers can use on this machine, fastest first. */
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
