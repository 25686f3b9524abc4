import type { OutEndpoint } from 'usb';
import { UsbEndpoint } from '../protocol/usb.js';
import type { InjectionChannel, UsbTarget } from './link.js';
import { type ClaimedDevice, claimUsb } from './usb-device.js';
import { refusalOf } from './usb-refusal.js';
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
    const refusal = await refusalOf(
      claimed,
      'arm with injected histograms, on a camera that has an injector',
    );
    await new Promise((resolve) => endpoint.clearHalt(resolve));
    throw refusal;
  }
}
