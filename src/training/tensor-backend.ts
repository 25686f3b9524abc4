import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { registerGradients } from './gradients.js';

/**
 * Starts TF.js once: on the TensorFlow library where `@tensorflow/tfjs-node` is installed, otherwise on its
 * WebAssembly backend, which for the small tensors here takes a quarter of the time of the plain JavaScript one. One
 * thread, so that sums have one order.
 */
export async function startTensors(): Promise<void> {
  if (started) return;
  tf.enableProdMode();
  await tf.setBackend(await chooseBackend(() => import(TENSORFLOW)));
  await tf.ready();
  registerGradients();
  started = true;
}

let started = false;

/** A name the compiler does not look up: the package is no dependency, since its library is downloaded at install time. */
const TENSORFLOW: string = '@tensorflow/tfjs-node';

/** The backend that `load` registers, or else WebAssembly. */
export async function chooseBackend(load: () => Promise<unknown>): Promise<string> {
  try {
    await load();
    if (tf.findBackendFactory('tensorflow') !== null) return 'tensorflow';
  } catch {
    // Not installed, or its library does not load here.
  }
  setThreadsCount(1);
  return 'wasm';
}
