import * as tf from '@tensorflow/tfjs-core';

/** A tensor in JSON: float32 or int32 elements, base64. */
export interface StoredTensor {
  shape: number[];
  dtype: 'float32' | 'int32';
  elements: string;
}

export function storeTensor(tensor: tf.Tensor): StoredTensor {
  const elements = tensor.dataSync();
  return {
    shape: tensor.shape,
    dtype: tensor.dtype === 'int32' ? 'int32' : 'float32',
    elements: Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength).toString('base64'),
  };
}

export function restoreTensor({ elements, shape, dtype }: StoredTensor): tf.Tensor {
  const bytes = Uint8Array.from(Buffer.from(elements, 'base64')).buffer;
  return tf.tensor(dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes), shape, dtype);
}
