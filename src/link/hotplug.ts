import type { CameraUri } from './camera-uri.js';
import { usbLibrary, type UsbDevice } from './usb-library.js';

/**
 * Calls `appeared` whenever a device that may be the camera is plugged in; gives the function that ends it. The
 * system tells where it can, elsewhere the library looks twice a second. null for links that cannot be watched.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function watchForCamera(uri: CameraUri, appeared: () => void): Promise<(() => void) | null> {
  if (uri.kind !== 'usb') return null;
  const { usb } = await usbLibrary();
  const onAttach = ({ deviceDescriptor: { idVendor, idProduct } }: UsbDevice): void => {
    if (idVendor === uri.vendor && idProduct === uri.product) appeared();
  };
  usb.on('attach', onAttach);
  usb.unrefHotplugEvents();
  return () => usb.off('attach', onAttach);
}
