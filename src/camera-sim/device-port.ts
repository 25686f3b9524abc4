import { type Crc32c, PacketType, encodePacket } from '../protocol/index.js';
import type { Device } from './device.js';
import type { FaultLedger } from './faults.js';
import { type FaultPlan, FaultyOutlet } from './faulty-outlet.js';
import { ChunkedOutlet, type ChunkTransport } from './packet-outlet.js';
import { Refusal } from './register-file.js';
import { type Request, RequestReader } from './request-reader.js';

/** A connection as a transport offers it. */
export interface Wire extends ChunkTransport {
  send(packet: Uint8Array): void;
  /** Closes after what was sent has left. */
  close(): void;
  /** Closes at once. */
  cut(): void;
}

export interface DevicePortOptions {
  /** Bytes on their way to the host at which the link counts as full. */
  linkLimitBytes: number;
  /** null: a sound link. */
  faults: FaultPlan | null;
  crc: Crc32c;
}

const Channel = { control: 0, data: 1 } as const;

/** The device's side of the link: at most one control and one data connection, over any transport. */
export class DevicePort {
  private control: DeviceConnection | null = null;
  private data: DeviceConnection | null = null;
  private faulty: FaultyOutlet | null = null;

  constructor(
    readonly camera: Device,
    readonly options: DevicePortOptions,
  ) {}

  /** What faults the present or last data connection had; null on a sound link. */
  get faultLedger(): FaultLedger | null {
    return this.faulty?.ledger ?? null;
  }

  accept(wire: Wire): DeviceConnection {
    return new DeviceConnection(this, wire);
  }

  /** Takes the channel for a connection; a Refusal where it is taken. */
  attach(channel: number, connection: DeviceConnection): void {
    if (channel === Channel.control) {
      if (this.control) throw new Refusal('another host has the control channel');
      this.control = connection;
    } else if (channel === Channel.data) {
      if (this.data) throw new Refusal('another host has the data channel');
      this.data = connection;
    } else {
      throw new Refusal(`there is no channel ${channel}`);
    }
  }

  /** Packets go out through this connection. */
  openOutlet(connection: DeviceConnection, wire: Wire): ChunkedOutlet {
    const outlet = new ChunkedOutlet(wire, this.options.linkLimitBytes, this.camera.maxPacketBytes);
    const { faults } = this.options;
    this.faulty = faults ? new FaultyOutlet(outlet, faults, () => connection.cut()) : null;
    this.camera.attachData(this.faulty ?? outlet);
    return outlet;
  }

  detach(connection: DeviceConnection): void {
    if (this.control === connection) this.control = null;
    if (this.data !== connection) return;
    this.data = null;
    this.camera.detachData();
  }
}

/** One connection: a greeting that says what it is for, then requests and replies, or packets. */
export class DeviceConnection {
  private state: 'greeting' | 'control' | 'data' | 'closed' = 'greeting';
  private readonly reader: RequestReader;
  private outlet: ChunkedOutlet | null = null;

  constructor(
    private readonly port: DevicePort,
    private readonly wire: Wire,
  ) {
    this.reader = new RequestReader(port.options.crc);
  }

  get attached(): boolean {
    return this.state === 'control' || this.state === 'data';
  }

  /** For links without a greeting: whoever could open the data channel has it. @throws Refusal where it is taken */
  openData(): void {
    this.port.attach(Channel.data, this);
    this.state = 'data';
    this.outlet = this.port.openOutlet(this, this.wire);
  }

  /** The same for the registers, which this link reaches by itself. @throws Refusal where another host has them */
  openControl(): void {
    this.port.attach(Channel.control, this);
    this.state = 'control';
  }

  receive(bytes: Uint8Array): void {
    if (this.state === 'closed') return;
    const sound = this.reader.push(bytes, (request) => this.serve(request));
    if (!sound) this.turnAway('this is no flimd packet', 0);
  }

  /** The transport has done with a chunk of packets. */
  recycle(chunk: ArrayBuffer): void {
    this.outlet?.recycle(chunk);
  }

  /** The other side, or the transport, has gone. */
  closed(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.outlet?.close();
    this.port.detach(this);
  }

  cut(): void {
    this.closed();
    this.wire.cut();
  }

  private serve(request: Request): void {
    if (this.state === 'closed') return;
    const { sequence } = request.header;
    try {
      if (this.state === 'control') this.answer(request);
      else if (this.state === 'greeting') this.greet(request);
      else this.turnAway('the data channel takes no requests', sequence);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (this.state === 'greeting') this.turnAway(error.message, sequence);
      else this.reply(PacketType.refused, sequence, new TextEncoder().encode(error.message));
    }
  }

  private greet({ header, payload }: Request): void {
    if (header.type !== PacketType.attach || payload.byteLength !== 4) {
      throw new Refusal('a connection begins with an attach packet');
    }
    const channel = payload.getUint32(0, true);
    this.port.attach(channel, this);
    this.state = channel === Channel.control ? 'control' : 'data';
    this.reply(PacketType.attached, header.sequence);
    if (this.state === 'data') this.outlet = this.port.openOutlet(this, this.wire);
  }

  private answer({ header, payload }: Request): void {
    const { registers } = this.port.camera;
    if (payload.byteLength < 8)
      throw new Refusal('a register request holds an address and a number of words');
    const address = payload.getUint32(0, true);
    const words = payload.getUint32(4, true);
    if (header.type === PacketType.registerRead) {
      this.replyRegisters(header.sequence, address, registers.read(address, words));
    } else if (header.type === PacketType.registerWrite) {
      if (payload.byteLength !== 8 + 4 * words)
        throw new Refusal('the number of words does not fit the length');
      registers.write(
        address,
        Uint32Array.from({ length: words }, (_, i) => payload.getUint32(8 + 4 * i, true)),
      );
      this.replyRegisters(header.sequence, address, new Uint32Array(0));
    } else {
      throw new Refusal(`packet type ${header.type} is no request`);
    }
  }

  private replyRegisters(sequence: number, address: number, values: Uint32Array): void {
    const payload = new DataView(new ArrayBuffer(8 + 4 * values.length));
    payload.setUint32(0, address, true);
    payload.setUint32(4, values.length, true);
    values.forEach((value, i) => payload.setUint32(8 + 4 * i, value, true));
    this.reply(PacketType.registerReply, sequence, new Uint8Array(payload.buffer));
  }

  private reply(type: PacketType, sequence: number, payload?: Uint8Array): void {
    this.wire.send(encodePacket({ type, sequence, deviceTicks: this.port.camera.ticks() }, payload));
  }

  private turnAway(reason: string, sequence: number): void {
    this.reply(PacketType.refused, sequence, new TextEncoder().encode(reason));
    this.closed();
    this.wire.close();
  }
}
