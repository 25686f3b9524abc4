import { parentPort, workerData } from 'node:worker_threads';
import type { AcquisitionLimits } from '../acquisition/acquisition-options.js';
import { serveAcquisition } from '../acquisition/acquisition-service.js';
import { openDataChannel } from '../link/index.js';
import { crc32c } from '../protocol/crc32c.js';

serveAcquisition(parentPort!, openDataChannel, workerData as AcquisitionLimits, crc32c);
