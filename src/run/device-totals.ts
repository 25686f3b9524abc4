import type { DeviceTotals } from '../acquisition/series-receiver.js';
import type { Camera } from '../camera/camera.js';
import { untilIdle } from '../camera/until-idle.js';
import { FlimdError } from '../protocol/errors.js';

/**
 * What the camera sent in its series, once it has sent all of it.
 * @throws FlimdError FLIMD_E_LINK_TIMEOUT where it is not idle after `timeoutMs`, or of the link
 */
export async function deviceTotals(camera: Camera, timeoutMs: number): Promise<DeviceTotals> {
  if (!(await untilIdle(camera, timeoutMs))) throw notEnded(timeoutMs);
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
