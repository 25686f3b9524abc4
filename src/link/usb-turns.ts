import type { UsbDevice } from './usb-library.js';

const last = new WeakMap<UsbDevice, Promise<unknown>>();

/**
 * Opening, claiming, releasing and closing of one device come one after another in a thread, which has one object for
 * it: releasing takes a while, and must not take away what somebody else has claimed meanwhile.
 */
export function inTurn<T>(device: UsbDevice, work: () => Promise<T>): Promise<T> {
  const turn = (last.get(device) ?? Promise.resolve()).then(work);
  last.set(
    device,
    turn.catch(() => {}),
  );
  return turn;
}
