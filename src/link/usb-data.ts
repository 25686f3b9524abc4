import type { InEndpoint, Transfer } from 'usb';
import { UsbAlternate, UsbEndpoint } from '../protocol/usb.js';
import type { ByteSink, ChannelEvents, DataChannel, UsbTarget } from './link.js';
import { type ClaimedDevice, claimUsb } from './usb-device.js';
import { LibusbError, libusbCode, transferError, TransferStatus } from './usb-errors.js';
import { refusalOf } from './usb-refusal.js';

/**
 * Enough to keep the controller busy while JavaScript empties one, few enough wake-ups, and together far below usbfs's
 * 16 MiB. The camera ends a transfer behind each frame, so a small frame does not wait for a large transfer to fill.
 */
const TRANSFERS = 4;
const TRANSFER_BYTES = 1024 * 1024;

/**
 * Opens the data channel and reads it in the calling thread, which should serve nothing else: every transfer that
 * ends is emptied into the sink and submitted again at once. @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_LOST
 */
export async function openUsbData(
  target: UsbTarget,
  sink: ByteSink,
  onLost: ChannelEvents['onLost'],
): Promise<DataChannel> {
  const claimed = await claimUsb(target, 'data');
  try {
    await claimed.interface.setAltSettingAsync(UsbAlternate.streaming);
  } catch (error) {
    const refused = libusbCode(error) === LibusbError.pipe;
    const failure = refused
      ? await refusalOf(claimed, 'is another host connected to this camera?')
      : transferError(claimed.where, error);
    await claimed.close();
    throw failure;
  }
  const reading = new UsbReading(claimed, sink, onLost);
  reading.start();
  return { attachedByOpening: true, close: () => reading.close() };
}

class UsbReading {
  private readonly transfers: Transfer[] = [];
  private submitted = 0;
  private ending = false;
  private closed = false;
  private readonly untilIdle: (() => void)[] = [];

  constructor(
    private readonly claimed: ClaimedDevice,
    private readonly sink: ByteSink,
    private readonly onLost: ChannelEvents['onLost'],
  ) {}

  start(): void {
    const endpoint = this.claimed.interface.endpoint(UsbEndpoint.packets) as InEndpoint;
    for (let i = 0; i < TRANSFERS; i++) {
      const transfer: Transfer = endpoint.makeTransfer(0, (error, buffer, bytes) => {
        this.submitted--;
        this.ended(transfer, error, buffer, bytes);
      });
      this.transfers.push(transfer);
      this.submit(transfer, Buffer.allocUnsafeSlow(TRANSFER_BYTES));
    }
  }

  /** Takes back the transfers under way, closes the channel in the camera and lets it go. */
  async close(): Promise<void> {
    this.ending = this.closed = true;
    this.cancel();
    await this.allBack();
    // Releasing the interface sets alternate setting 0, by which the camera ends a series that runs.
    await this.claimed.close();
  }

  private ended(transfer: Transfer, error: unknown, buffer: Buffer, bytes: number): void {
    if (bytes > 0) this.sink.take(buffer.subarray(0, bytes));
    if (error && libusbCode(error) !== TransferStatus.cancelled) this.fail(error);
    if (!this.ending) this.submit(transfer, buffer);
    if (this.submitted === 0) for (const resolve of this.untilIdle.splice(0)) resolve();
  }

  private submit(transfer: Transfer, buffer: Buffer): void {
    try {
      transfer.submit(buffer);
      this.submitted++;
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.ending) return;
    this.ending = true;
    this.cancel();
    // What other transfers still bring comes before the news.
    const told = (): void => {
      if (!this.closed) this.onLost(transferError(this.claimed.where, error));
    };
    void this.allBack()
      .then(() => this.claimed.close())
      .then(told, told);
  }

  private cancel(): void {
    for (const transfer of this.transfers) {
      try {
        transfer.cancel();
      } catch {
        // Ended or gone with the device: its callback comes all the same.
      }
    }
  }

  private allBack(): Promise<void> {
    return new Promise((resolve) => {
      if (this.submitted === 0) resolve();
      else this.untilIdle.push(resolve);
    });
  }
}
