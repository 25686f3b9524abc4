import type { Camera } from './camera.js';

const POLL_MS = 20;

/** Waits until the camera is idle; false where it is not after `timeoutMs`. @throws FlimdError of the link */
export async function untilIdle(camera: Pick<Camera, 'readState'>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while ((await camera.readState()).state !== 'idle') {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
