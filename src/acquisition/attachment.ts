import { FlimdError } from '../protocol/errors.js';
import type { DecoderCounters } from './packet-decoder.js';

/** The device's answer to the greeting, waited for. */
export class Attachment {
  /** Rejects with FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA, or what `fail` was given. */
  readonly done: Promise<void>;
  private readonly timer: NodeJS.Timeout;
  private readonly skippedBefore: number;
  private resolve!: () => void;
  private reject!: (error: FlimdError) => void;

  constructor(
    private readonly timeoutMs: number,
    private readonly decoded: Readonly<DecoderCounters>,
  ) {
    this.skippedBefore = decoded.bytesSkipped;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // It may fail while the channel is still being opened, before anybody waits for it.
    this.done.catch(() => {});
    this.timer = setTimeout(() => this.fail(this.silence()), timeoutMs);
  }

  accept(): void {
    clearTimeout(this.timer);
    this.resolve();
  }

  refuse(reason: string): void {
    this.fail(
      new FlimdError('FLIMD_E_LINK_REFUSED', `the camera refuses the data channel: ${reason}`, {
        value: reason,
        action: 'is another flimd connected to this camera?',
      }),
    );
  }

  fail(error: FlimdError): void {
    clearTimeout(this.timer);
    this.reject(error);
  }

  private silence(): FlimdError {
    if (this.decoded.bytesSkipped > this.skippedBefore) {
      return new FlimdError('FLIMD_E_NOT_A_CAMERA', 'what answers does not speak the flimd link protocol', {
        expected: 'an `attached` packet',
        action: 'check the address of the camera',
      });
    }
    return new FlimdError('FLIMD_E_LINK_TIMEOUT', `the camera did not open the data channel`, {
      value: `${this.timeoutMs} ms`,
      action: 'restart the camera',
    });
  }
}
