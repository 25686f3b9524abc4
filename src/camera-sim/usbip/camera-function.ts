import {
  register,
  USB_BULK_PACKET_BYTES,
  USB_MAX_REFUSAL_BYTES,
  UsbAlternate,
  type UsbSpeed,
} from '../../protocol/index.js';
import type { DeviceConnection, DevicePort } from '../device-port.js';
import { Refusal } from '../register-file.js';
import { BusPace } from './bus-pace.js';
import { ControlEndpoint } from './control-endpoint.js';
import { Descriptors } from './descriptors.js';
import { EventPipe } from './event-pipe.js';
import { InjectionPipe } from './injection-pipe.js';
import { type PacketChunk, PacketPipe } from './packet-pipe.js';

/** What a camera is to a USB host: a control endpoint, and a data channel that an alternate setting opens. */
export class CameraFunction {
  readonly packets: PacketPipe;
  readonly events: EventPipe;
  readonly injection: InjectionPipe;
  readonly control: ControlEndpoint;
  alternate: number = UsbAlternate.closed;
  private readonly bus: BusPace<PacketChunk>;
  private readonly plug: DeviceConnection;
  private data: DeviceConnection | null = null;
  private refusal = '';

  /**
   * Plugs the camera in. @throws Refusal where another link has it
   * @param bulkBytesPerSecond what the bus carries; Infinity where nothing but the host holds it up
   * @param pullOut ends the USB connection, as faults of the link may
   */
  constructor(
    private readonly port: DevicePort,
    readonly speed: UsbSpeed,
    bulkBytesPerSecond: number,
    private readonly pullOut: () => void,
  ) {
    this.plug = this.connect();
    this.plug.openControl();
    this.packets = new PacketPipe(USB_BULK_PACKET_BYTES[speed]);
    this.bus = new BusPace(bulkBytesPerSecond, (chunk) => this.packets.push(chunk));
    this.events = new EventPipe(port.camera.registers);
    this.injection = new InjectionPipe(port.camera, USB_BULK_PACKET_BYTES[speed]);
    this.control = new ControlEndpoint(this, new Descriptors(speed, this.serial()));
  }

  get registers(): DevicePort['camera']['registers'] {
    return this.port.camera.registers;
  }

  /** Why something was refused last, as the vendor request `readRefusal` tells it. */
  get refusalText(): Uint8Array {
    return new TextEncoder().encode(this.refusal).subarray(0, USB_MAX_REFUSAL_BYTES);
  }

  /** Remembers the reason. */
  refused(reason: string): void {
    this.refusal = reason;
  }

  /** SET_INTERFACE: `streaming` opens the data channel with nothing in it, `closed` ends it and a series that runs. */
  select(alternate: number): void {
    if (alternate !== UsbAlternate.closed && alternate !== UsbAlternate.streaming) {
      throw new Refusal(`there is no alternate setting ${alternate}`);
    }
    this.closeData();
    if (alternate === UsbAlternate.streaming) this.openData();
    this.alternate = alternate;
  }

  unplugged(): void {
    this.closeData();
    this.events.close();
    this.injection.close();
    this.plug.closed();
  }

  private openData(): void {
    const data = this.connect();
    data.openData();
    this.data = data;
  }

  private closeData(): void {
    this.data?.closed();
    this.data = null;
    this.bus.clear();
    this.packets.clear();
    this.alternate = UsbAlternate.closed;
  }

  /** This end of a channel of the device; what would go out as an answer has no place on USB. */
  private connect(): DeviceConnection {
    const connection: DeviceConnection = this.port.accept({
      send: () => {},
      transmit: (chunk, bytes, flushed) => {
        const release = (): void => connection.recycle(chunk);
        this.bus.push({ bytes: new Uint8Array(chunk, 0, bytes), flushed, release }, bytes);
      },
      close: () => {},
      cut: () => this.pullOut(),
    });
    return connection;
  }

  private serial(): string {
    const { address, words } = register('serial');
    const bytes = new Uint8Array(this.registers.read(address, words).buffer);
    return new TextDecoder().decode(bytes).replace(/\0+$/, '');
  }
}
