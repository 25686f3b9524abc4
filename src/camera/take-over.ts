import { FlimdError } from '../protocol/errors.js';
import type { Camera } from './camera.js';
import { untilIdle } from './until-idle.js';

const IDLE_TIMEOUT_MS = 2000;

/**
 * Makes a camera idle, whatever a host that is gone had it do: a link without a greeting does not tell the camera that
 * its host has gone. The data channel is to be open, so that the camera can get rid of what it still has to send.
 * @throws FlimdError FLIMD_E_DEVICE where it stays busy, or of the link
 */
export async function takeOver(camera: Pick<Camera, 'readState' | 'disarm' | 'abort'>): Promise<void> {
  const { state } = await camera.readState();
  if (state === 'armed') await camera.disarm();
  else if (state === 'acquiring') await camera.abort();
  if (await untilIdle(camera, IDLE_TIMEOUT_MS)) return;
  throw new FlimdError('FLIMD_E_DEVICE', 'the camera does not end the series of an earlier host', {
    value: `${IDLE_TIMEOUT_MS} ms`,
    action: 'reset the camera',
  });
}
