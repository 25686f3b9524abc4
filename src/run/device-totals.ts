import type { DeviceTotals } from '../acquisition/series-receiver.js';
import type { Camera } from '../camera/camera.js';
import { FlimdError } from '../protocol/errors.js';

const POLL_MS = 20;

/**
 * What the camera sent in its series, once it has sent all of it.
 * @throws FlimdError FLIMD_E_LINK_TIMEOUT where it is not idle after `timeoutMs`, or of the link
 */
export async function deviceTotals(camera: Camera, timeoutMs: number): Promise<DeviceTotals> {
  const deadline = performance.now() + timeoutMs;
  while ((await camera.readState()).state !== 'idle') {
    if (performance.now() > deadline) throw notEnded(timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
  return { packetsSent, framesSent, framesDroppedByDevice: framesDropped };
}

/** What is known where the camera cannot be asked. */
export const unknownTotals: DeviceTotals = { packetsSent: null, framesSent: 0, framesDroppedByDevice: 0 };

function notEnded(timeoutMs: number): FlimdError {
  return new FlimdError('FLIMD_E_LINK_TIMEOUT', 'the camera did not end its series in time', {
    value: `${timeoutMs} ms`,
    action: 'everything that arrived has been delivered; look at the camera',
  });
}
