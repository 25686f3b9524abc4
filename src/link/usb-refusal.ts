import { FlimdError } from '../protocol/errors.js';
import { USB_MAX_REFUSAL_BYTES, USB_VENDOR_IN, UsbRequest } from '../protocol/usb.js';
import type { ClaimedDevice } from './usb-device.js';

/** The camera stalled a request: asks it why. */
export async function refusalOf({ device }: ClaimedDevice, action: string): Promise<FlimdError> {
  const reason = await new Promise<string>((resolve) => {
    device.controlTransfer(
      USB_VENDOR_IN,
      UsbRequest.readRefusal,
      0,
      0,
      USB_MAX_REFUSAL_BYTES,
      (error, text) => resolve(error || !Buffer.isBuffer(text) ? 'without a reason' : text.toString('utf8')),
    );
  });
  return new FlimdError('FLIMD_E_LINK_REFUSED', `the camera refused: ${reason}`, { value: reason, action });
}
