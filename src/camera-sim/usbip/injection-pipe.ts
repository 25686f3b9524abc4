import { HistogramSource, register } from '../../protocol/index.js';
import type { Device } from '../device.js';
import { Refusal } from '../register-file.js';

/** Data that the host has sent in one transfer. */
export interface OutTransfer {
  readonly sequence: number;
  readonly data: Uint8Array;
  accept(): void;
}

/**
 * The bulk OUT endpoint: histograms in place of the sensor's. Transfers wait, as on a wire that answers NAK, while
 * the injector has no room; a short or empty packet ends a frame.
 */
export class InjectionPipe {
  private readonly waiting: OutTransfer[] = [];
  private readonly injector;

  constructor(
    private readonly camera: Device,
    private readonly packetBytes: number,
  ) {
    this.injector = camera.openInjector();
    camera.onRoomToInject = () => this.pump();
  }

  /** @throws Refusal where the camera measures with its sensor */
  submit(transfer: OutTransfer): void {
    const [source] = this.camera.registers.read(register('histogramSource').address, 1);
    if (source !== HistogramSource.injected) {
      throw new Refusal('histogramSource is 0, the sensor: no histograms are taken');
    }
    this.waiting.push(transfer);
    this.pump();
  }

  /** False where the transfer is unknown or taken already. */
  cancel(sequence: number): boolean {
    const index = this.waiting.findIndex((transfer) => transfer.sequence === sequence);
    if (index >= 0) this.waiting.splice(index, 1);
    return index >= 0;
  }

  close(): void {
    this.waiting.length = 0;
    this.camera.onRoomToInject = () => {};
  }

  private pump(): void {
    while (this.waiting.length > 0 && this.injector.hasRoom) {
      const transfer = this.waiting.shift()!;
      const last = transfer.data.length === 0 || transfer.data.length % this.packetBytes !== 0;
      this.injector.take(transfer.data, last);
      transfer.accept();
    }
  }
}
