import type { Socket } from 'node:net';
import type { UsbSpeed } from '../../protocol/index.js';
import { Refusal } from '../register-file.js';
import type { CameraFunction } from './camera-function.js';
import { ExactReader } from './exact-reader.js';
import { UrbStream } from './urb-stream.js';
import {
  BUS_ID,
  BUS_ID_BYTES,
  importReply,
  listReply,
  Operation,
  OPERATION_BYTES,
  OperationStatus,
} from './usbip-wire.js';

/** One connection of a host: an operation, and where it attached the camera, the commands that follow. */
export class AttachedHost {
  private readonly reader = new ExactReader();
  private operation: number | null = null;
  private camera: CameraFunction | null = null;
  private urbs: UrbStream | null = null;

  /** @param plugIn makes the camera a device of this host; a Refusal where it has another */
  constructor(
    private readonly socket: Socket,
    private readonly speed: UsbSpeed,
    private readonly plugIn: (pullOut: () => void) => CameraFunction,
  ) {}

  get attached(): boolean {
    return this.camera !== null;
  }

  receive(bytes: Uint8Array): void {
    this.reader.push(bytes);
    if (!this.urbs) this.handshake();
    if (this.urbs && !this.urbs.serve(this.reader)) this.socket.destroy();
  }

  /** The connection has ended, by which the camera is unplugged. */
  gone(): void {
    this.camera?.unplugged();
  }

  private handshake(): void {
    this.operation ??= this.takeOperation();
    if (this.operation === null) return;
    if (this.operation === Operation.requestList) this.socket.end(listReply(this.speed));
    else if (this.operation === Operation.requestImport) this.attach();
    else this.socket.destroy();
  }

  private takeOperation(): number | null {
    const header = this.reader.take(OPERATION_BYTES);
    return header && new DataView(header.buffer).getUint16(2);
  }

  private attach(): void {
    const busId = this.reader.take(BUS_ID_BYTES);
    if (!busId) return;
    const name = new TextDecoder().decode(busId).replace(/\0.*$/s, '');
    if (name !== BUS_ID) {
      this.socket.end(importReply(this.speed, OperationStatus.noDevice));
      return;
    }
    try {
      this.camera = this.plugIn(() => this.socket.destroy());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.socket.end(importReply(this.speed, OperationStatus.busy));
      return;
    }
    this.socket.write(importReply(this.speed, OperationStatus.ok));
    this.urbs = new UrbStream(this.camera, (parts, sent) => this.send(parts, sent));
  }

  /** In one system call: a header that is sent by itself is a segment of its own. */
  private send(parts: readonly Uint8Array[], sent?: () => void): void {
    this.socket.cork();
    parts.forEach((part, i) => this.socket.write(part, () => i === parts.length - 1 && sent?.()));
    this.socket.uncork();
  }
}
