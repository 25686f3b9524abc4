import type { HistogramInjector } from './histogram-injector.js';
import type { PacketOutlet } from './packet-outlet.js';

/** Registers as a host reaches them; a Refusal where the device says no. */
export interface DeviceRegisters {
  read(address: number, words: number): Uint32Array;
  write(address: number, values: Uint32Array): void;
}

/** What a transport needs of a device: registers, and packets out of an outlet while a series runs. */
export interface Device {
  readonly registers: DeviceRegisters;
  readonly maxPacketBytes: number;
  /** The device clock now. */
  ticks(): number;
  /** Packets go here from now on. */
  attachData(outlet: PacketOutlet): void;
  /** Where links put the histograms that a host sends in place of the sensor's. */
  openInjector(): HistogramInjector;
  /** The injector takes bytes again. */
  onRoomToInject: () => void;
  /** A sticky error flag has been set. */
  onInterrupt: () => void;
  /** Nobody reads the data any more: a series that runs is over. */
  detachData(): void;
}
