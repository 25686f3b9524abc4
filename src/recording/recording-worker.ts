import { parentPort, workerData } from 'node:worker_threads';
import { errorBody } from '../protocol/errors.js';
import { loadHdf5 } from './hdf5/hdf5-library.js';
import type { FromWriter, WriterData } from './recorder-messages.js';
import { WritingService } from './writing-service.js';

const port = parentPort!;
try {
  new WritingService(await loadHdf5(), port, workerData as WriterData);
} catch (error) {
  const failed: FromWriter = { kind: 'failed', error: errorBody(error), frames: 0, bytes: 0 };
  port.postMessage(failed);
  port.close();
}
