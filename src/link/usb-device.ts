import { setTimeout as pause } from 'node:timers/promises';
import type { Interface } from 'usb';
import type { FlimdError } from '../protocol/errors.js';
import { UsbInterface } from '../protocol/usb.js';
import type { UsbTarget } from './link.js';
import { findUsbDevice } from './usb-discovery.js';
import { LibusbError, libusbCode, openError } from './usb-errors.js';
import type { UsbDevice } from './usb-library.js';
import { inTurn } from './usb-turns.js';

/** udev may still be setting permissions when a device is announced (libusb #168): tried again after these waits. */
const ACCESS_WAITS_MS = [20, 50, 100, 200, 400];
const CLOSE_RETRY_MS = 20;
/** Longer than any control request may take. */
const CLOSE_TIMEOUT_MS = 3000;

/** A camera opened by this thread, with one of its interfaces claimed. */
export interface ClaimedDevice {
  device: UsbDevice;
  interface: Interface;
  /** For messages: what the user knows the camera by. */
  where: string;
  /** Once for everybody who asks. */
  close(): Promise<void>;
}

/** The package has one object for a device in a thread: who in it uses which interface. */
const uses = new WeakMap<UsbDevice, Map<number, number>>();

/** @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NOT_A_CAMERA */
export async function claimUsb(target: UsbTarget, name: keyof typeof UsbInterface): Promise<ClaimedDevice> {
  const device = await findUsbDevice(target);
  const number = UsbInterface[name];
  await inTurn(device, () => claim(device, number));
  const where = `the USB camera${target.serial === null ? '' : ` ${target.serial}`}`;
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= inTurn(device, () => release(device, number)));
  return { device, interface: device.interface(number), where, close };
}

async function claim(device: UsbDevice, number: number): Promise<void> {
  await open(device);
  const users = uses.get(device)!;
  try {
    if (!users.has(number)) device.interface(number).claim();
  } catch (error) {
    if (users.size === 0) device.close();
    throw openError(device, error);
  }
  users.set(number, (users.get(number) ?? 0) + 1);
}

/** Why a camera cannot be opened just now; null if it can. Leaves it as it was. */
export async function usbProblem(device: UsbDevice): Promise<FlimdError | null> {
  try {
    device.open();
  } catch (error) {
    return openError(device, error);
  }
  try {
    const service = device.interface(UsbInterface.service);
    service.claim();
    await service.releaseAsync();
    return null;
  } catch (error) {
    return openError(device, error);
  } finally {
    device.close();
  }
}

async function open(device: UsbDevice): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (device.interfaces) return;
    try {
      device.open();
      uses.set(device, new Map());
    } catch (error) {
      const waitMs = ACCESS_WAITS_MS[attempt];
      if (libusbCode(error) !== LibusbError.access || waitMs === undefined) throw openError(device, error);
      await pause(waitMs);
    }
  }
}

/** A device that was unplugged cannot be released properly, and need not be. */
async function release(device: UsbDevice, number: number): Promise<void> {
  const users = uses.get(device)!;
  const others = users.get(number)! - 1;
  if (others > 0) return void users.set(number, others);
  users.delete(number);
  await new Promise<void>((resolve) => device.interface(number).release(() => resolve()));
  if (users.size === 0) await closeWhenIdle(device);
}

/** Closing is refused while a transfer is under way; those of a device that is gone come back soon. */
async function closeWhenIdle(device: UsbDevice): Promise<void> {
  for (let waitedMs = 0; device.interfaces; waitedMs += CLOSE_RETRY_MS) {
    try {
      device.close();
    } catch (error) {
      if (waitedMs >= CLOSE_TIMEOUT_MS) throw openError(device, error);
      await pause(CLOSE_RETRY_MS);
    }
  }
}
