/** Worker thread: makes the batches that the training asks for, in the order asked. */
import { parentPort, workerData } from 'node:worker_threads';
import { BatchSource, type ExampleOptions } from './batches.js';

export interface BatchWorkerData {
  options: ExampleOptions;
  size: number;
  seed: number;
}

const { options, size, seed } = workerData as BatchWorkerData;
const source = new BatchSource(options, size, seed);

parentPort!.on('message', (index: number) => {
  const batch = source.make(index);
  parentPort!.postMessage(
    batch,
    Object.values(batch).map(({ buffer }) => buffer as ArrayBuffer),
  );
});
