import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { registerGradients } from './gradients.js';

/**
 * TF.js on its WebAssembly backend: for the small tensors here it takes a quarter of the time of the plain
 * JavaScript one. One thread, so that sums have one order.
 */
export async function startTensors(): Promise<void> {
  if (tf.getBackend() === 'wasm') return;
  tf.enableProdMode();
  setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  registerGradients();
}
