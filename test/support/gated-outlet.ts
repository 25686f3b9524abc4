import type { PacketOutlet } from '../../src/camera-sim/packet-outlet.js';
import { PacketCollector } from '../camera-sim/host.js';

/** An outlet that is full when the test says so, and says when a frame or a series has gone out. */
export class GatedOutlet implements PacketOutlet {
  readonly collector = new PacketCollector();
  readonly capacity: number;
  full = false;
  onRoom = (): void => {};
  private readonly packet: Uint8Array;

  constructor(
    packetBytes: number,
    private readonly on: { flush?: () => void; endSeries?: () => void },
  ) {
    this.capacity = packetBytes;
    this.packet = new Uint8Array(packetBytes);
  }

  get room(): number {
    return this.full ? 0 : this.capacity;
  }

  reserve(bytes: number): Uint8Array {
    return this.packet.subarray(0, bytes);
  }

  commit(bytes: number): void {
    this.collector.push(this.packet.subarray(0, bytes));
  }

  flush(): void {
    this.on.flush?.();
  }

  endSeries(): void {
    this.on.endSeries?.();
  }
}
