import { register, USB_EVENT_BYTES, usbEventFields } from '../../protocol/index.js';
import type { RegisterFile } from '../register-file.js';
import type { InTransfer } from './packet-pipe.js';
import { UrbStatus } from './usbip-wire.js';

/** As often as the host looks (USB_EVENT_INTERVAL). */
const LOOK_MS = 4;

/** The interrupt IN endpoint: an event record whenever one of its registers differs from what the host saw last. */
export class EventPipe {
  private readonly transfers: InTransfer[] = [];
  private told: Uint32Array | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly registers: Pick<RegisterFile, 'read'>) {}

  submit(transfer: InTransfer): void {
    if (transfer.bytes < USB_EVENT_BYTES) {
      transfer.complete(UrbStatus.overflow);
      return;
    }
    this.transfers.push(transfer);
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  /** False where the transfer is unknown or answered already. */
  cancel(sequence: number): boolean {
    const index = this.transfers.findIndex((transfer) => transfer.sequence === sequence);
    if (index < 0) return false;
    this.transfers.splice(index, 1);
    this.rest();
    return true;
  }

  /** The next host is told everything anew. */
  clear(): void {
    this.told = null;
  }

  close(): void {
    this.transfers.length = 0;
    this.rest();
  }

  private look(): void {
    const now = Uint32Array.from(
      usbEventFields,
      ({ name }) => this.registers.read(register(name).address, 1)[0]!,
    );
    if (this.told && now.every((value, i) => value === this.told![i])) return;
    this.told = now;
    const record = new DataView(new ArrayBuffer(USB_EVENT_BYTES));
    now.forEach((value, i) => record.setUint32(4 * i, value, true));
    this.transfers.shift()!.complete(UrbStatus.ok, [new Uint8Array(record.buffer)]);
    this.rest();
  }

  private rest(): void {
    if (this.transfers.length > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
