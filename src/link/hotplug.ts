import { watch } from 'node:fs';
import path from 'node:path';
import type { CameraUri } from './camera-uri.js';
import { usbLibrary, type UsbDevice } from './usb-library.js';

/** Where the driver's nodes appear, unless the address says. */
const DEVICES = '/dev';

/**
 * Calls `appeared` whenever a device that may be the camera is plugged in; gives the function that ends it. null
 * where it cannot be known: then only looking again and again helps.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function watchForCamera(uri: CameraUri, appeared: () => void): Promise<(() => void) | null> {
  if (uri.kind === 'usb') return watchUsb(uri, appeared);
  if (uri.kind === 'pcie') return watchNodes(uri.device, appeared);
  return null;
}

/** The system tells where it can, elsewhere the library looks twice a second. */
async function watchUsb(
  { vendor, product }: Extract<CameraUri, { kind: 'usb' }>,
  appeared: () => void,
): Promise<() => void> {
  const { usb } = await usbLibrary();
  const onAttach = ({ deviceDescriptor: { idVendor, idProduct } }: UsbDevice): void => {
    if (idVendor === vendor && idProduct === product) appeared();
  };
  usb.on('attach', onAttach);
  usb.unrefHotplugEvents();
  return () => usb.off('attach', onAttach);
}

/** The nodes of a board come with its driver. Their permissions may come a moment later: with the next try. */
function watchNodes(device: string | null, appeared: () => void): (() => void) | null {
  const wanted = device === null ? /^xdma\d+_/ : new RegExp(`^${path.basename(device)}_`);
  const onChange = (event: string, name: string | null): void => {
    // 'change' is a write, too: that of a try which failed would bring on the next.
    if (event === 'rename' && name !== null && wanted.test(name)) appeared();
  };
  try {
    const folder = device === null ? DEVICES : path.dirname(device);
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return null; // No such folder yet, or no more watches to be had.
  }
}
