import { parentPort, workerData } from 'node:worker_threads';
import type { AcquisitionLimits } from '../acquisition/acquisition-options.js';
import { serveAcquisition } from '../acquisition/acquisition-service.js';
import { nativeCrc32c } from '../lifetime/native.js';
import { openDataChannel } from '../link/index.js';
import { type Crc32c, crc32c } from '../protocol/crc32c.js';

/** Lifetimes that the camera computes can be shown without the native addon, only fewer a second. */
function fastestCrc32c(): Crc32c {
  try {
    nativeCrc32c(new Uint8Array(64));
    return nativeCrc32c;
  } catch {
    return crc32c;
  }
}

serveAcquisition(parentPort!, openDataChannel, workerData as AcquisitionLimits, fastestCrc32c());
