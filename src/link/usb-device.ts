import { setTimeout as pause } from 'node:timers/promises';
import type { Interface } from 'usb';
import { UsbInterface } from '../protocol/usb.js';
import type { UsbTarget } from './link.js';
import { findUsbDevice } from './usb-discovery.js';
import { LibusbError, libusbCode, openError } from './usb-errors.js';
import type { UsbDevice } from './usb-library.js';

/** udev may still be setting permissions when a device is announced (libusb #168): tried again after these waits. */
const ACCESS_WAITS_MS = [20, 50, 100, 200, 400];

/** A camera opened by this thread, with one of its interfaces claimed. */
export interface ClaimedDevice {
  device: UsbDevice;
  interface: Interface;
  /** For messages: what the user knows the camera by. */
  where: string;
  close(): Promise<void>;
}

/** @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NOT_A_CAMERA */
export async function claimUsb(target: UsbTarget, name: keyof typeof UsbInterface): Promise<ClaimedDevice> {
  const device = await findUsbDevice(target);
  await open(device);
  try {
    const claimed = device.interface(UsbInterface[name]);
    claimed.claim();
    const where = `the USB camera${target.serial === null ? '' : ` ${target.serial}`}`;
    return { device, interface: claimed, where, close: () => release(device, claimed) };
  } catch (error) {
    device.close();
    throw openError(device, error);
  }
}

async function open(device: UsbDevice): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return device.open();
    } catch (error) {
      const waitMs = ACCESS_WAITS_MS[attempt];
      if (libusbCode(error) !== LibusbError.access || waitMs === undefined) throw openError(device, error);
      await pause(waitMs);
    }
  }
}

/** A device that was unplugged cannot be released properly, and need not be. */
async function release(device: UsbDevice, claimed: Interface): Promise<void> {
  await new Promise<void>((resolve) => claimed.release(() => resolve()));
  device.close();
}
