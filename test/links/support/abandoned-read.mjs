// A worker thread reads a register that is not answered, and ends meanwhile. Prints a line when it has ended; then the
// answer may come. Argument: what the names of the nodes begin with.
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DeviceFile } from '../../../dist/link/device-file.js';

/** Time for the device thread to come back with the answer. */
const RETURN_MS = 300;

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
  console.log('ended');
  await pause(RETURN_MS);
  process.exit(0);
} else {
  const file = new DeviceFile({ path: `${workerData}_user`, flags: 2, buffers: 1, bufferBytes: 4 });
  await file.open();
  void file.read(0, 4, 0);
  // The read is in the kernel soon after.
  await pause(RETURN_MS);
  parentPort.postMessage('reading');
}
