import {
  type EventChannel,
  type InjectionChannel,
  type LinkTarget,
  openEventChannel,
  openInjectionChannel,
} from '../link/index.js';
import type { FlimdError } from '../protocol/errors.js';

/** What some links have beside registers and data: interrupts from the camera, and a way for histograms to it. */
export class SideChannels {
  /** Awaited before the next interrupt is told. */
  onInterrupt: () => Promise<void> = async () => {};
  #events: EventChannel | null = null;
  #injection: Promise<InjectionChannel> | null = null;

  constructor(private readonly target: LinkTarget) {}

  /** A camera whose interrupts cannot be had is asked now and then all the same. */
  async listen(onLost: (error: FlimdError) => void): Promise<void> {
    const interrupted = (): Promise<void> => this.onInterrupt();
    this.#events = await openEventChannel(this.target, interrupted, onLost).catch(() => null);
  }

  /** Opens the way with the first frame. @throws FlimdError FLIMD_E_CAPABILITY, or of the link */
  async inject(frame: Uint8Array): Promise<void> {
    this.#injection ??= openInjectionChannel(this.target);
    const channel = await this.#injection.catch((error) => {
      this.#injection = null;
      throw error;
    });
    await channel.write(frame);
  }

  async close(): Promise<void> {
    await this.#events?.close();
    await (await this.#injection?.catch(() => null))?.close();
  }
}
