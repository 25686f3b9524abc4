import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorBody } from '../protocol/index.js';
import { createDevice } from './create-device.js';
import { serveMemory } from './memory-device.js';
import type { SimOptions } from './options.js';
import type { SimThreadMessage } from './sim-thread.js';

/** The virtual camera's thread; `sim-thread.ts` starts it and holds the other ends of the ports. */
const { options, control, data } = workerData as {
  options: SimOptions;
  control: MessagePort;
  data: MessagePort;
};

const tell = (message: SimThreadMessage): void => parentPort!.postMessage(message);

try {
  const port = await createDevice(options);
  serveMemory(port, control, data);
  parentPort!.on('message', () => tell({ type: 'faults', ledger: port.faultLedger }));
  tell({ type: 'ready' });
} catch (error) {
  tell({ type: 'failed', error: errorBody(error) });
}
