import { Worker } from 'node:worker_threads';
import { workerFile } from '../worker-file.js';
import type { Batch } from './batches.js';
import type { BatchWorkerData } from './batch-worker.js';

/** Batches asked for ahead of their use: the worker draws decays while the training computes. */
const AHEAD = 4;

/** The batches of a seed in order, made in a worker thread. */
export class BatchStream {
  private readonly worker: Worker;
  private readonly ready: Batch[] = [];
  private waiting: { resolve: (batch: Batch) => void; reject: (error: Error) => void } | null = null;
  private failure: Error | null = null;
  private nextIndex: number;

  constructor(workerData: BatchWorkerData, firstIndex: number) {
    this.nextIndex = firstIndex;
    this.worker = new Worker(workerFile(import.meta.url, './batch-worker.js'), { workerData });
    this.worker.on('message', (batch: Batch) => this.take(batch));
    this.worker.on('error', (error) => this.fail(error));
    for (let ahead = 0; ahead < AHEAD; ahead++) this.request();
  }

  next(): Promise<Batch> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.request();
    const batch = this.ready.shift();
    if (batch !== undefined) return Promise.resolve(batch);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private request(): void {
    this.worker.postMessage(this.nextIndex++);
  }

  private take(batch: Batch): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting === null) this.ready.push(batch);
    else waiting.resolve(batch);
  }

  private fail(error: Error): void {
    this.failure = error;
    this.waiting?.reject(error);
  }
}
