import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createMemoryLink, type MemoryTarget } from '../link/index.js';
import { type ErrorBody, FlimdError } from '../protocol/index.js';
import { workerFile } from '../worker-file.js';
import type { FaultLedger } from './faults.js';
import type { SimOptions } from './options.js';

export type SimThreadMessage =
  { type: 'ready' } | { type: 'failed'; error: ErrorBody } | { type: 'faults'; ledger: FaultLedger | null };

/** A virtual camera in a thread of its own, for one host over a memory link. */
export interface SimThread {
  target: MemoryTarget;
  /** What faults the link had so far; null where it is a sound one. */
  faultLedger(): Promise<FaultLedger | null>;
  close(): Promise<void>;
}

/** Starts the thread; settles when the camera answers. Throws what `createDevice` throws. */
export async function startSimThread(options: SimOptions): Promise<SimThread> {
  const { target, device } = createMemoryLink();
  const worker = new Worker(workerFile(import.meta.url, './sim-worker.js'), {
    name: 'flimd-camera',
    workerData: { options, ...device },
    transferList: [device.control, device.data],
  });
  const reply = async (): Promise<SimThreadMessage> => (await once(worker, 'message'))[0] as SimThreadMessage;
  const first = await reply();
  if (first.type === 'failed') {
    await worker.terminate();
    const { code, message, ...details } = first.error;
    throw new FlimdError(code, message, details);
  }
  // The host sees the link break; what broke it would be lost without this.
  worker.on('error', (error) => process.emitWarning(`virtual camera: ${error.stack ?? String(error)}`));
  return {
    target,
    faultLedger: async () => {
      worker.postMessage('faults');
      const message = await reply();
      return message.type === 'faults' ? message.ledger : null;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
