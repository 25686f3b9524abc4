import type { Duplex } from 'node:stream';
import type { DeviceRegisters } from '../../../src/camera-sim/device.js';
import { unlessRefused } from '../../../src/camera-sim/register-file.js';
import { NOBODY } from '../../../src/protocol/registers.js';
import { ExactReader } from '../../../src/camera-sim/usbip/exact-reader.js';

/** The messages of QEMU's x-pci-proxy-dev, as of version 7.2: little-endian, laid out as a C compiler does. */
const Command = {
  syncMemory: 0,
  answer: 1,
  configWrite: 2,
  configRead: 3,
  barWrite: 4,
  barRead: 5,
  setInterrupts: 6,
  reset: 7,
} as const;
const HEADER_BYTES = 16;

/** Registers of the configuration space (PCI Local Bus Specification 3.0, 6.1). */
const Config = { ids: 0x00, command: 0x04, classCode: 0x08, bar0: 0x10, subsystem: 0x2c } as const;
const CONFIG_BYTES = 256;
const COMMAND_MASK = 0x0000_0407;
const AMD_VENDOR = 0x10ee;
const XDMA_DEVICE = 0x7024;
/** "Memory controller, other": a class for which the kernel has no driver. */
const CLASS_CODE = 0x0580_0001;
export const BAR_BYTES = 4096;

/** An access to the BAR as it came over the bus. */
export interface BarAccess {
  write: boolean;
  address: number;
  bytes: number;
}

/**
 * A PCI device in QEMU whose BAR is answered by this program, access by access and in their order: the processor of
 * the guest waits for each. So a read is behind every write that came before it, as on a real bus. What the camera
 * refuses gives all ones to a read and nothing to a write.
 */
export class ProxiedBar {
  /** Vendor and device id as lspci writes them. */
  static readonly ids = `${AMD_VENDOR.toString(16)}:${XDMA_DEVICE.toString(16)}`;
  static readonly model = 'x-pci-proxy-dev';
  /** Arguments of QEMU; its file descriptor 3 is the other end of `wire`, and its memory must be shareable. */
  static readonly devices = [
    ...['-object', 'memory-backend-memfd,id=memory,size=1024M,share=on', '-machine', 'memory-backend=memory'],
    ...['-device', `${ProxiedBar.model},id=camera,fd=3`],
  ];
  readonly accesses: BarAccess[] = [];
  private dropped = false;
  private readonly reader = new ExactReader();
  private readonly config = new DataView(new ArrayBuffer(CONFIG_BYTES));
  private header: { command: number; bytes: number } | null = null;

  constructor(
    private readonly registers: DeviceRegisters,
    private readonly wire: Duplex,
  ) {
    this.config.setUint32(Config.ids, (XDMA_DEVICE << 16) | AMD_VENDOR, true);
    this.config.setUint32(Config.classCode, CLASS_CODE, true);
    this.config.setUint32(Config.subsystem, (XDMA_DEVICE << 16) | AMD_VENDOR, true);
    wire.on('data', (bytes: Buffer) => this.receive(bytes));
    // The guest has been ended; there is nobody to tell.
    wire.on('error', () => {});
  }

  /** Off the bus: reads give all ones. */
  drop(): void {
    this.dropped = true;
  }

  restore(): void {
    this.dropped = false;
  }

  private receive(bytes: Buffer): void {
    this.reader.push(bytes);
    for (;;) {
      this.header ??= this.takeHeader();
      const body = this.header && this.reader.take(this.header.bytes);
      if (!body) return;
      const { command } = this.header!;
      this.header = null;
      const value = this.carryOut(command, new DataView(body.buffer, body.byteOffset, body.length));
      if (value !== null) this.answer(value);
    }
  }

  private takeHeader(): ProxiedBar['header'] {
    const bytes = this.reader.take(HEADER_BYTES);
    if (!bytes) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
    return { command: view.getInt32(0, true), bytes: Number(view.getBigUint64(8, true)) };
  }

  /** The value to be answered; null where none is waited for. */
  private carryOut(command: number, body: DataView): number | null {
    switch (command) {
      case Command.configRead:
        return this.readConfig(body.getUint32(0, true), body.getInt32(8, true));
      case Command.configWrite:
        return this.writeConfig(body.getUint32(0, true), body.getUint32(4, true), body.getInt32(8, true));
      case Command.barRead:
        return this.readBar(this.access(body, false));
      case Command.barWrite:
        return this.writeBar(this.access(body, true), body.getUint32(8, true));
      case Command.reset:
        return 0;
      default:
        return null;
    }
  }

  private answer(value: number): void {
    const message = new DataView(new ArrayBuffer(HEADER_BYTES + 8));
    message.setInt32(0, Command.answer, true);
    message.setBigUint64(8, 8n, true);
    message.setBigUint64(16, BigInt(value), true);
    this.wire.write(new Uint8Array(message.buffer));
  }

  private access(body: DataView, write: boolean): BarAccess {
    const base = this.config.getUint32(Config.bar0, true);
    const address = Number(body.getBigUint64(0, true)) - base;
    const access = { write, address, bytes: body.getUint32(16, true) };
    this.accesses.push(access);
    return access;
  }

  private readBar({ address }: BarAccess): number {
    if (this.dropped) return NOBODY;
    return unlessRefused(() => this.registers.read(address, 1)[0]!, NOBODY);
  }

  private writeBar({ address }: BarAccess, value: number): number {
    if (!this.dropped) unlessRefused(() => this.registers.write(address, Uint32Array.of(value)), undefined);
    return 0;
  }

  private readConfig(offset: number, bytes: number): number {
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.config.getUint8(offset + i);
    return value;
  }

  private writeConfig(offset: number, value: number, bytes: number): number {
    const register = offset & ~3;
    const mask = { [Config.command]: COMMAND_MASK, [Config.bar0]: ~(BAR_BYTES - 1) }[register] ?? 0;
    for (let i = 0; i < bytes; i++) {
      const writable = (mask >>> (8 * ((offset + i) & 3))) & 0xff;
      const before = this.config.getUint8(offset + i);
      this.config.setUint8(offset + i, (before & ~writable) | ((value >>> (8 * i)) & writable));
    }
    return 0;
  }
}
