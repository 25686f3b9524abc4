import type { OutEndpoint } from 'usb';
import { FlimdError } from '../protocol/errors.js';
import { USB_MAX_REFUSAL_BYTES, USB_VENDOR_IN, UsbEndpoint, UsbRequest } from '../protocol/usb.js';
import type { InjectionChannel, UsbTarget } from './link.js';
import { type ClaimedDevice, claimUsb } from './usb-device.js';
import { libusbCode, transferError, TransferStatus } from './usb-errors.js';

/** Carries histograms to the camera's injector. @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NOT_A_CAMERA */
export async function openUsbInjection(target: UsbTarget): Promise<InjectionChannel> {
  const claimed = await claimUsb(target, 'service');
  return { write: (frame) => writeFrame(claimed, frame), close: () => claimed.close() };
}

async function writeFrame(claimed: ClaimedDevice, frame: Uint8Array): Promise<void> {
  const endpoint = claimed.interface.endpoint(UsbEndpoint.injection) as OutEndpoint;
  try {
    // A short or empty packet ends the frame.
    await new Promise<void>((resolve, reject) => {
      endpoint.transferWithZLP(Buffer.from(frame.buffer, frame.byteOffset, frame.length), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  } catch (error) {
    if (libusbCode(error) !== TransferStatus.stall) throw transferError(claimed.where, error);
    const reason = await refusalText(claimed);
    await new Promise((resolve) => endpoint.clearHalt(resolve));
    throw new FlimdError('FLIMD_E_LINK_REFUSED', `the camera refused the histograms: ${reason}`, {
      value: reason,
      action: 'arm with injected histograms, on a camera that has an injector',
    });
  }
}

/** Why the camera refused what it refused last. */
export async function refusalText({ device }: Pick<ClaimedDevice, 'device'>): Promise<string> {
  return new Promise((resolve) => {
    device.controlTransfer(
      USB_VENDOR_IN,
      UsbRequest.readRefusal,
      0,
      0,
      USB_MAX_REFUSAL_BYTES,
      (error, text) => resolve(error || !Buffer.isBuffer(text) ? 'without a reason' : text.toString('utf8')),
    );
  });
}
