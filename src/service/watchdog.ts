export interface WatchdogParts {
  /** Between beats, ms. */
  intervalMs: number;
  /** Resolves when the parts of the daemon that do its work have answered. */
  checkHealth(): Promise<void>;
  /** The daemon is alive: it was asked, and answered. */
  beat(): void;
  /** It did not answer within an interval, or failed; told once for each time that it falls silent. */
  silent(cause: unknown): void;
}

/**
 * Beats while the daemon is alive. That its timer fires proves that the event loop turns; each beat then waits for
 * an answer to a question. A question without an answer is not asked again, so one that hangs ends the beats until
 * it is answered.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #asked = false;
  #silent = false;

  constructor(private readonly parts: WatchdogParts) {
    this.#timer = setInterval(() => this.#tick(), parts.intervalMs).unref();
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#asked) return this.#fellSilent('no answer');
    this.#asked = true;
    this.parts.checkHealth().then(
      () => this.#answered(),
      (error: unknown) => {
        this.#asked = false;
        this.#fellSilent(error);
      },
    );
  }

  #answered(): void {
    this.#asked = false;
    this.#silent = false;
    this.parts.beat();
  }

  #fellSilent(cause: unknown): void {
    if (this.#silent) return;
    this.#silent = true;
    this.parts.silent(cause);
  }
}
