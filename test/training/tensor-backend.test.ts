import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseBackend, startTensors } from '../../src/training/tensor-backend.js';

describe('the backend of the tensors', () => {
  afterEach(() => {
    if (tf.findBackendFactory('tensorflow') !== null) tf.removeBackend('tensorflow');
  });

  it('is the TensorFlow library where its package registers it', async () => {
    const load = async (): Promise<void> =>
      void tf.registerBackend('tensorflow', () => Promise.reject(new Error()), 0);
    expect(await chooseBackend(load)).toBe('tensorflow');
  });

  it('is WebAssembly where the package is missing or registers nothing', async () => {
    expect(await chooseBackend(() => Promise.reject(new Error('Cannot find package')))).toBe('wasm');
    expect(await chooseBackend(async () => ({}))).toBe('wasm');
    await startTensors();
    expect(tf.getBackend()).toBe('wasm');
  });
});
