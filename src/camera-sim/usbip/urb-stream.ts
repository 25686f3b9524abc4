import { UsbEndpoint } from '../../protocol/index.js';
import { Refusal } from '../register-file.js';
import type { CameraFunction } from './camera-function.js';
import { readSetup } from './control-endpoint.js';
import type { ExactReader } from './exact-reader.js';
import type { InTransfer } from './packet-pipe.js';
import {
  COMMAND_BYTES,
  readCommand,
  type Submit,
  submitReply,
  unlinkReply,
  type Unlink,
  UrbStatus,
} from './usbip-wire.js';

/** As the kernel's usbfs allows one process by default. */
const MAX_TRANSFER_BYTES = 16 * 1024 * 1024;
const MAX_TRANSFERS = 1024;

/** Sends a message to the host; `sent` once it is out of this process. */
export type SendMessage = (parts: readonly Uint8Array[], sent?: () => void) => void;

/** The commands of an attached host, one by one: transfers to the endpoints, and cancellations. */
export class UrbStream {
  private submit: Submit | null = null;
  private transfers = 0;

  constructor(
    private readonly camera: CameraFunction,
    private readonly send: SendMessage,
  ) {}

  /** Serves all commands that are whole; false where what came is no USB/IP command, or breaks its bounds. */
  serve(reader: ExactReader): boolean {
    for (;;) {
      if (!this.submit) {
        const bytes = reader.take(COMMAND_BYTES);
        if (!bytes) return true;
        const command = readCommand(bytes);
        if (!command || !this.accept(command)) return false;
      }
      if (this.submit && !this.take(this.submit, reader)) return true;
    }
  }

  private accept(command: Submit | Unlink): boolean {
    if (command.kind === 'unlink') {
      this.unlink(command);
      return true;
    }
    this.submit = command;
    return command.bytes <= MAX_TRANSFER_BYTES && this.transfers < MAX_TRANSFERS;
  }

  /** Serves the submit once its data are there. */
  private take(submit: Submit, reader: ExactReader): boolean {
    const data = submit.input ? new Uint8Array(0) : reader.take(submit.bytes);
    if (!data) return false;
    this.submit = null;
    this.transfers++;
    if (submit.endpoint === 0) this.control(submit, data);
    else if (submit.input) this.read(submit);
    else this.write(submit, data);
    return true;
  }

  private control({ sequence, setup, input }: Submit, data: Uint8Array): void {
    const reply = this.camera.control.answer(readSetup(setup), data);
    if (!reply) this.reply(sequence, UrbStatus.stalled, 0);
    else if (input) this.reply(sequence, UrbStatus.ok, reply.length, [reply]);
    else this.reply(sequence, UrbStatus.ok, data.length);
  }

  private read({ sequence, endpoint, bytes }: Submit): void {
    const transfer: InTransfer = {
      sequence,
      bytes,
      complete: (status, parts = [], sent) => {
        const actual = parts.reduce((sum, part) => sum + part.length, 0);
        this.reply(sequence, status, actual, parts, sent);
      },
    };
    const address = endpoint | 0x80;
    if (this.camera.control.isHalted(address)) transfer.complete(UrbStatus.stalled);
    else if (address === UsbEndpoint.packets) this.camera.packets.submit(transfer);
    else if (address === UsbEndpoint.events) this.camera.events.submit(transfer);
    else transfer.complete(UrbStatus.stalled);
  }

  private write({ sequence, endpoint }: Submit, data: Uint8Array): void {
    const { control, injection } = this.camera;
    if (endpoint !== UsbEndpoint.injection || control.isHalted(endpoint)) {
      return this.reply(sequence, UrbStatus.stalled, 0);
    }
    const accept = (): void => this.reply(sequence, UrbStatus.ok, data.length);
    try {
      injection.submit({ sequence, data, accept });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.camera.refused(error.message);
      control.halt(endpoint);
      this.reply(sequence, UrbStatus.stalled, 0);
    }
  }

  private unlink({ sequence, target }: Unlink): void {
    const { packets, events, injection } = this.camera;
    const cancelled = [packets, events, injection].some((pipe) => pipe.cancel(target));
    if (cancelled) this.transfers--;
    this.send([unlinkReply(sequence, cancelled ? UrbStatus.unlinked : UrbStatus.ok)]);
  }

  private reply(
    sequence: number,
    status: number,
    actualBytes: number,
    parts: readonly Uint8Array[] = [],
    sent?: () => void,
  ): void {
    this.transfers--;
    this.send([submitReply(sequence, status, actualBytes), ...parts], sent);
  }
}
