import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ExactReader } from '../../src/camera-sim/usbip/exact-reader.js';
import { USB_VENDOR_IN, USB_VENDOR_OUT, UsbRequest } from '../../src/protocol/usb.js';

/** What the device answered to a transfer or a cancellation. */
export interface Answer {
  status: number;
  data: Buffer;
  /** Bytes that the device says it moved. */
  actual: number;
}

interface Waiting {
  input: boolean;
  resolve(answer: Answer): void;
}

/** The kernel's side of USB/IP (vhci-hcd), as small as a test needs it. */
export class UsbIpHost {
  private readonly reader = new ExactReader();
  private readonly waiting = new Map<number, Waiting>();
  private sequence = 1;
  private attached = false;
  private header: DataView | null = null;
  private more: () => void = () => {};

  /** The cable is out. */
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.reader.push(bytes);
      this.more();
      if (this.attached) this.hear();
    });
  }

  static async connect(port: number): Promise<UsbIpHost> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new UsbIpHost(socket);
  }

  /** An operation and its answer of a known length; the first 8 bytes where the device says no. */
  async operation(code: number, body: Uint8Array, answerBytes: number): Promise<Buffer> {
    const header = Buffer.alloc(8);
    header.writeUInt16BE(0x0111, 0);
    header.writeUInt16BE(code, 2);
    this.socket.write(Buffer.concat([header, body]));
    const head = await this.take(8);
    if (head.readUInt32BE(4) !== 0) return head;
    return Buffer.concat([head, await this.take(answerBytes - 8)]);
  }

  /** Plugs the camera in; the status is 0 where it is ours now. */
  async import(busId = '1-1'): Promise<{ status: number; speed: number }> {
    const reply = await this.operation(0x8003, Buffer.from(busId.padEnd(32, '\0')), 8 + 312);
    const status = reply.readUInt32BE(4);
    this.attached = status === 0;
    return { status, speed: status === 0 ? reply.readUInt32BE(8 + 256 + 32 + 8) : 0 };
  }

  read(endpoint: number, bytes: number): { sequence: number; answer: Promise<Answer> } {
    return this.submit(endpoint & 0x7f, true, bytes, Buffer.alloc(8), Buffer.alloc(0));
  }

  write(endpoint: number, data: Uint8Array): Promise<Answer> {
    return this.submit(endpoint, false, data.length, Buffer.alloc(8), data).answer;
  }

  control(
    requestType: number,
    request: number,
    value: number,
    index: number,
    data: number | Uint8Array,
  ): Promise<Answer> {
    const setup = Buffer.from([requestType, request, 0, 0, 0, 0, 0, 0]);
    setup.writeUInt16LE(value, 2);
    setup.writeUInt16LE(index, 4);
    const input = typeof data === 'number';
    const bytes = input ? data : data.length;
    setup.writeUInt16LE(bytes, 6);
    return this.submit(0, input, bytes, setup, input ? Buffer.alloc(0) : data).answer;
  }

  readRegisters(address: number, words: number): Promise<Answer> {
    return this.control(USB_VENDOR_IN, UsbRequest.readRegisters, address, 0, 4 * words);
  }

  writeRegisters(address: number, ...values: number[]): Promise<Answer> {
    const data = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => data.writeUInt32LE(value, 4 * i));
    return this.control(USB_VENDOR_OUT, UsbRequest.writeRegisters, address, 0, data);
  }

  async refusal(): Promise<string> {
    return (await this.control(USB_VENDOR_IN, UsbRequest.readRefusal, 0, 0, 255)).data.toString();
  }

  configure(): Promise<Answer> {
    return this.control(0x00, 9, 1, 0, Buffer.alloc(0));
  }

  setInterface(index: number, alternate: number): Promise<Answer> {
    return this.control(0x01, 11, alternate, index, Buffer.alloc(0));
  }

  /** Cancels a transfer; the status says whether it came in time. */
  async unlink(target: number): Promise<number> {
    const command = Buffer.alloc(48);
    const sequence = this.sequence++;
    command.writeUInt32BE(2, 0);
    command.writeUInt32BE(sequence, 4);
    command.writeUInt32BE(target, 20);
    const answer = this.expect(sequence, false);
    this.socket.write(command);
    return (await answer).status;
  }

  private submit(endpoint: number, input: boolean, bytes: number, setup: Buffer, data: Uint8Array) {
    const command = Buffer.alloc(48);
    const sequence = this.sequence++;
    [1, sequence, 0x10001, input ? 1 : 0, endpoint, 0, bytes].forEach((word, i) =>
      command.writeUInt32BE(word, 4 * i),
    );
    command.set(setup, 40);
    const answer = this.expect(sequence, input);
    this.socket.write(Buffer.concat([command, data]));
    return { sequence, answer };
  }

  private expect(sequence: number, input: boolean): Promise<Answer> {
    return new Promise((resolve) => this.waiting.set(sequence, { input, resolve }));
  }

  private hear(): void {
    for (;;) {
      const bytes = this.header ? null : this.reader.take(48);
      if (bytes) this.header = new DataView(bytes.buffer);
      if (!this.header) return;
      const sequence = this.header.getUint32(4);
      const entry = this.waiting.get(sequence)!;
      const actual = this.header.getUint32(0) === 3 ? this.header.getUint32(24) : 0;
      const data = this.reader.take(entry.input ? actual : 0);
      if (!data) return;
      entry.resolve({ status: this.header.getInt32(20), data: Buffer.from(data), actual });
      this.waiting.delete(sequence);
      this.header = null;
    }
  }

  private async take(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.reader.take(count);
      if (bytes) return Buffer.from(bytes);
      await new Promise<void>((resolve) => (this.more = resolve));
    }
  }
}
