import { USB_MAX_REGISTER_WORDS, USB_VENDOR_IN, USB_VENDOR_OUT, UsbRequest } from '../protocol/usb.js';
import type { ChannelEvents, RegisterChannel, UsbTarget } from './link.js';
import { type ClaimedDevice, claimUsb } from './usb-device.js';
import { libusbCode, transferError, TransferStatus } from './usb-errors.js';
import { refusalOf } from './usb-refusal.js';

const CONTROL_TIMEOUT_MS = 1500;

/** @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NOT_A_CAMERA */
export async function openUsbRegisters(
  target: UsbTarget,
  onLost: ChannelEvents['onLost'],
): Promise<RegisterChannel> {
  const claimed = await claimUsb(target, 'service');
  claimed.device.timeout = CONTROL_TIMEOUT_MS;
  return new UsbRegisters(claimed, onLost);
}

/** Registers through vendor requests; a refused one is a stall, whose reason another request tells. */
class UsbRegisters implements RegisterChannel {
  readonly tellsRefusals = true;
  private ended = false;
  private closed: Promise<void> | null = null;

  constructor(
    private readonly claimed: ClaimedDevice,
    private readonly onLost: ChannelEvents['onLost'],
  ) {}

  async read(address: number, words: number): Promise<Uint32Array> {
    const values = new Uint32Array(words);
    for (let at = 0; at < words; at += USB_MAX_REGISTER_WORDS) {
      const run = Math.min(USB_MAX_REGISTER_WORDS, words - at);
      const bytes = await this.request(UsbRequest.readRegisters, address + 4 * at, 4 * run);
      for (let i = 0; i < bytes.length / 4; i++) values[at + i] = bytes.readUInt32LE(4 * i);
    }
    return values;
  }

  async write(address: number, values: readonly number[]): Promise<void> {
    for (let at = 0; at < values.length; at += USB_MAX_REGISTER_WORDS) {
      const run = values.slice(at, at + USB_MAX_REGISTER_WORDS);
      const data = Buffer.alloc(4 * run.length);
      run.forEach((value, i) => data.writeUInt32LE(value >>> 0, 4 * i));
      await this.request(UsbRequest.writeRegisters, address + 4 * at, data);
    }
  }

  close(): Promise<void> {
    this.ended = true;
    return (this.closed ??= this.claimed.close());
  }

  private async request(request: number, address: number, data: number | Buffer): Promise<Buffer> {
    try {
      return await this.control(request, address, data);
    } catch (error) {
      if (libusbCode(error) === TransferStatus.stall) {
        throw await refusalOf(this.claimed, 'see docs/registers.md for what a register takes, and when');
      }
      const failure = transferError(this.claimed.where, error);
      if (failure.code === 'FLIMD_E_LINK_LOST') this.lost(error);
      throw failure;
    }
  }

  private control(request: number, address: number, data: number | Buffer): Promise<Buffer> {
    const type = typeof data === 'number' ? USB_VENDOR_IN : USB_VENDOR_OUT;
    return new Promise((resolve, reject) => {
      this.claimed.device.controlTransfer(type, request, address, 0, data, (error, answer) => {
        if (error) reject(error);
        else resolve(Buffer.isBuffer(answer) ? answer : Buffer.alloc(0));
      });
    });
  }

  private lost(error: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.onLost(transferError(this.claimed.where, error));
  }
}
