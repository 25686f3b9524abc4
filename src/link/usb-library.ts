import type * as Usb from 'usb';
import { FlimdError } from '../protocol/errors.js';

export type UsbLibrary = typeof Usb;
export type UsbDevice = Usb.usb.Device;

let loading: Promise<UsbLibrary> | null = null;

/**
 * libusb, loaded when the first USB camera is wanted: machines without it run everything else. Each thread has a
 * libusb context of its own (the package keeps it in the instance data of its addon), so any thread may ask.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export function usbLibrary(): Promise<UsbLibrary> {
  return (loading ??= load());
}

async function load(): Promise<UsbLibrary> {
  const library = await import('usb').catch((cause: unknown) => {
    throw unusable(`the USB library does not load: ${(cause as Error).message}`, cause);
  });
  const { INIT_ERROR } = library.usb;
  if (INIT_ERROR !== 0) throw unusable(`libusb cannot start (error ${INIT_ERROR})`);
  return library;
}

function unusable(message: string, cause?: unknown): FlimdError {
  return new FlimdError(
    'FLIMD_E_LINK_OPEN',
    message,
    {
      expected: 'the package usb with its prebuilt libusb, and libudev.so.1',
      action: 'run `npm ci` again; on Debian `apt-get install libudev1`',
    },
    { cause },
  );
}
