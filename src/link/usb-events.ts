import type { InEndpoint, Transfer } from 'usb';
import { USB_EVENT_BYTES, UsbEndpoint } from '../protocol/usb.js';
import type { ChannelEvents, EventChannel, UsbTarget } from './link.js';
import { type ClaimedDevice, claimUsb } from './usb-device.js';
import { transferError } from './usb-errors.js';

/**
 * Tells of changes of the camera's state and errors, the present ones first. It is also what notices at once that
 * an idle camera is unplugged. `onEvent` is awaited before the next is told.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_LOST, FLIMD_E_NOT_A_CAMERA
 */
export async function openUsbEvents(
  target: UsbTarget,
  onEvent: () => Promise<void>,
  onLost: ChannelEvents['onLost'],
): Promise<EventChannel> {
  const claimed = await claimUsb(target, 'service');
  try {
    await claimed.interface.setAltSettingAsync(0);
  } catch (error) {
    await claimed.close();
    throw transferError(claimed.where, error);
  }
  return new UsbEvents(claimed, onEvent, onLost);
}

/** One transfer that waits for the next event. */
class UsbEvents implements EventChannel {
  private readonly transfer: Transfer;
  private readonly ended: Promise<void>;
  private end!: () => void;
  private closing = false;
  private closed = false;

  constructor(
    private readonly claimed: ClaimedDevice,
    private readonly onEvent: () => Promise<void>,
    private readonly onLost: ChannelEvents['onLost'],
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
    const endpoint = claimed.interface.endpoint(UsbEndpoint.events) as InEndpoint;
    this.transfer = endpoint.makeTransfer(0, (error) => {
      if (error) this.stop(error);
      else void this.onEvent().then(() => this.wait());
    });
    this.wait();
  }

  async close(): Promise<void> {
    this.closed = true;
    if (!this.closing) {
      this.closing = true;
      this.cancel();
    }
    await this.ended;
  }

  private cancel(): void {
    try {
      this.transfer.cancel();
    } catch {
      // Gone with the device: its callback comes all the same.
    }
  }

  private wait(): void {
    if (this.closing) return this.stop(null);
    try {
      this.transfer.submit(Buffer.alloc(USB_EVENT_BYTES));
    } catch (error) {
      this.stop(error);
    }
  }

  /** Nothing is under way any more. */
  private stop(error: unknown): void {
    const lost = !this.closing;
    this.closing = true;
    const told = (): void => {
      this.end();
      if (lost && !this.closed) this.onLost(transferError(this.claimed.where, error));
    };
    void this.claimed.close().then(told, told);
  }
}
