import type { InEndpoint, Transfer } from 'usb';
import { USB_EVENT_BYTES, UsbEndpoint } from '../protocol/usb.js';
import type { ChannelEvents, EventChannel, UsbTarget } from './link.js';
import { claimUsb } from './usb-device.js';
import { libusbCode, transferError, TransferStatus } from './usb-errors.js';

/**
 * Tells of changes of the camera's state and errors, the present ones first: a transfer waits for the next. It is
 * also what notices at once that an idle camera is unplugged. `onEvent` is awaited before the next is told.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NOT_A_CAMERA
 */
export async function openUsbEvents(
  target: UsbTarget,
  onEvent: () => Promise<void>,
  onLost: ChannelEvents['onLost'],
): Promise<EventChannel> {
  const claimed = await claimUsb(target, 'service');
  await claimed.interface.setAltSettingAsync(0).catch(async (error: unknown) => {
    await claimed.close();
    throw transferError(claimed.where, error);
  });
  let closed = false;
  let ended: () => void;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const endpoint = claimed.interface.endpoint(UsbEndpoint.events) as InEndpoint;
  const transfer: Transfer = endpoint.makeTransfer(0, (error) => {
    if (error || closed) finish(error);
    else void onEvent().then(wait);
  });
  const finish = (error: unknown): void => {
    ended();
    if (closed || libusbCode(error) === TransferStatus.cancelled) return;
    closed = true;
    void claimed.close().then(() => onLost(transferError(claimed.where, error)));
  };
  const wait = (): void => {
    if (closed) return finish(null);
    try {
      transfer.submit(Buffer.alloc(USB_EVENT_BYTES));
    } catch (error) {
      finish(error);
    }
  };
  wait();
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    transfer.cancel();
    await end;
    await claimed.close();
  };
  return { close };
}
