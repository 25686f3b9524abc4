import type { Logger } from 'pino';
import type { SlowControl } from '../camera/slow-control/slow-control.js';
import { errorBody } from '../protocol/errors.js';
import type { SlowControlValues } from '../protocol/slow-control.js';

/** Sees to it that the camera takes its bias down when it misses the host, and only then. */
export class HostPresence {
  #leaving = false;

  constructor(
    private readonly hostTimeoutMs: number,
    private readonly log: Logger,
  ) {}

  /** The line has been opened. @throws FlimdError of the link */
  announce(control: SlowControl): Promise<void> {
    return control.write('hostTimeoutMs', this.hostTimeoutMs);
  }

  /** A camera that was switched off and on again does not know any more that it is to miss the host. */
  async keep(control: SlowControl | null, { hostTimeoutMs }: SlowControlValues): Promise<void> {
    if (this.#leaving || hostTimeoutMs === this.hostTimeoutMs) return;
    await control?.write('hostTimeoutMs', this.hostTimeoutMs).catch((error: unknown) => {
      const what = 'the camera does not know when to miss the host; trying again';
      this.log.error({ error: errorBody(error) }, what);
    });
  }

  /** From here on nothing is announced any more. */
  leave(): void {
    this.#leaving = true;
  }

  /** The host goes, and the bias is to stay as it is. @throws FlimdError of the link */
  async sayGoodbye(control: SlowControl): Promise<void> {
    await control.write('hostTimeoutMs', 0);
  }
}
