import { connect, type Socket } from 'node:net';
import {
  crc32c,
  decodeHeader,
  emptyHeader,
  encodePacket,
  PACKET_HEADER_BYTES,
  PACKET_MAGIC,
  type PacketHeader,
  PacketType,
  register,
  type RegisterName,
} from '../../src/protocol/index.js';

/** The host's end of a link to the device, as a test sees it. */
export interface Packet extends PacketHeader {
  payload: Uint8Array;
}

/** Cuts a sound byte stream into packets, and remembers how many bytes were no packets. */
export class PacketCollector {
  readonly packets: Packet[] = [];
  skipped = 0;
  private pending = new Uint8Array(0);
  private waiting: (() => void)[] = [];

  push(bytes: Uint8Array): void {
    let buffer = Buffer.concat([this.pending, bytes]) as Uint8Array;
    while (buffer.length >= PACKET_HEADER_BYTES) {
      const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      const header = decodeHeader(view, buffer, 0, emptyHeader());
      const length = PACKET_HEADER_BYTES + (header?.payloadBytes ?? 0);
      if (header && buffer.length < length) break;
      const payload = buffer.slice(PACKET_HEADER_BYTES, length);
      if (!header || crc32c(payload) !== header.payloadCrc) {
        const next = nextMagic(buffer);
        this.skipped += next;
        buffer = buffer.subarray(next);
        continue;
      }
      this.packets.push({ ...header, payload: Uint8Array.from(payload) });
      buffer = buffer.subarray(length);
    }
    this.pending = Uint8Array.from(buffer);
    for (const check of this.waiting.splice(0)) check();
  }

  /** No more bytes come: what looked like the beginning of a long packet is searched for others. */
  finish(): void {
    while (this.pending.length >= PACKET_HEADER_BYTES) {
      const next = nextMagic(this.pending);
      this.skipped += next;
      const rest = this.pending.subarray(next);
      this.pending = new Uint8Array(0);
      this.push(rest);
    }
  }

  /** The first packet that fulfils the condition, now or when it comes. */
  async find(condition: (packet: Packet) => boolean, timeoutMs = 20_000): Promise<Packet> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = this.packets.find(condition);
      if (found) return found;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no such packet among ${this.packets.length}`)),
          end - performance.now(),
        );
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  ofType(type: PacketType): Packet[] {
    return this.packets.filter((packet) => packet.type === type);
  }
}

function nextMagic(bytes: Uint8Array): number {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(PACKET_MAGIC);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(magic, 1);
  return at < 0 ? bytes.length - 3 : at;
}

export function greeting(channel: number): Uint8Array {
  const payload = new Uint8Array(4);
  payload[0] = channel;
  return encodePacket({ type: PacketType.attach, sequence: 1 }, payload);
}

/** Register requests over any two-way byte channel. */
export class RegisterHost {
  readonly replies = new PacketCollector();
  private requests = 100;

  constructor(private readonly send: (bytes: Uint8Array) => void) {}

  async read(name: RegisterName): Promise<number[]> {
    const { address, words } = register(name);
    return this.request(PacketType.registerRead, [address, words]);
  }

  async write(name: RegisterName, value: number): Promise<void> {
    await this.request(PacketType.registerWrite, [register(name).address, 1, value]);
  }

  /** The words of the answer; throws the text of a refusal. */
  async request(type: PacketType, words: number[]): Promise<number[]> {
    const sequence = this.requests++;
    this.send(encodePacket({ type, sequence }, new Uint8Array(Uint32Array.from(words).buffer)));
    const reply = await this.replies.find((packet) => packet.sequence === sequence);
    if (reply.type === PacketType.refused) throw new Error(new TextDecoder().decode(reply.payload));
    return [...new Uint32Array(reply.payload.buffer, 8)];
  }
}

export interface SeriesOrder {
  series?: number;
  output: number;
  frameLimit?: number;
  framePeriodUs?: number;
  rowsPerPacket?: number;
}

export async function armAndStart(host: RegisterHost, order: SeriesOrder): Promise<void> {
  await host.write('series', order.series ?? 1);
  await host.write('output', order.output);
  await host.write('frameLimit', order.frameLimit ?? 0);
  await host.write('framePeriodUs', order.framePeriodUs ?? 0);
  await host.write('rowsPerPacket', order.rowsPerPacket ?? 8);
  await host.write('command', 1);
  await host.write('command', 2);
}

/** A TCP connection whose bytes go into a collector. */
export async function dial(port: number, into: PacketCollector, channel: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (bytes) => into.push(bytes));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(greeting(channel));
  return socket;
}

/** Whether two arrays hold the same bytes. */
export function equal(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

const bytesOf = (view: ArrayBufferView): Buffer =>
  Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
