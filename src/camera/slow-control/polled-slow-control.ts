import { errorBody, type ErrorBody, FlimdError } from '../../protocol/errors.js';
import type { SlowControlValues } from '../../protocol/slow-control.js';
import type { SlowControl } from './slow-control.js';

export interface PollParts {
  open(onLost: (error: FlimdError) => void): Promise<SlowControl>;
  /** Time between two readings of all values. */
  pollMs: number;
  reconnect: { initialMs: number; maxMs: number; factor: number };
  /** It has just been opened. */
  onOpen(control: SlowControl): Promise<void>;
  onValues(values: SlowControlValues): Promise<void>;
  /** `last` is what was known before. */
  onLost(error: FlimdError, last: SlowControlValues | null): void;
  /** A try to reach it failed: the first, or one after a loss. */
  onUnreachable(error: ErrorBody, retryMs: number): void;
}

/** Reads a slow control again and again, and opens it again, with growing waits, when it is lost. */
export class PolledSlowControl {
  #control: SlowControl | null = null;
  #values: SlowControlValues | null = null;
  #error: ErrorBody | null = null;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> | null = null;
  #closed = false;
  #waitMs: number;

  constructor(private readonly parts: PollParts) {
    this.#waitMs = parts.reconnect.initialMs;
  }

  /** null while it is not connected. */
  get control(): SlowControl | null {
    return this.#control;
  }

  /** As last read; null before, and while it is not connected. */
  get values(): SlowControlValues | null {
    return this.#values;
  }

  /** Why it is not connected. */
  get error(): ErrorBody | null {
    return this.#error;
  }

  /** One try; what fails is told and tried again later. */
  async connect(): Promise<void> {
    const { parts } = this;
    try {
      const control = await parts.open((error) => this.#lost(error));
      if (this.#closed) return await control.close();
      this.#control = control;
      await parts.onOpen(control);
    } catch (error) {
      await this.#control?.close();
      this.#control = null;
      this.#unreachable(error);
      return;
    }
    this.#error = null;
    this.#waitMs = parts.reconnect.initialMs;
    await this.poll();
  }

  /** Reads all values now; the next reading comes `pollMs` later. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => (this.#polling = null));
    return this.#polling;
  }

  /** Reads all values once more, also where a reading is under way: it may be from before what has just been asked. */
  async refresh(): Promise<void> {
    await this.#polling;
    await this.poll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#polling;
    const control = this.#control;
    this.#control = null;
    this.#values = null;
    await control?.close();
  }

  async #poll(): Promise<void> {
    const control = this.#control;
    if (!control) return;
    try {
      this.#values = await control.readAll();
    } catch (error) {
      if (control === this.#control) this.#lost(asFlimdError(error));
      return;
    }
    await this.parts.onValues(this.#values);
    if (control === this.#control) this.#later(this.parts.pollMs, () => this.poll());
  }

  #lost(error: FlimdError): void {
    const control = this.#control;
    if (!control || this.#closed) return;
    const last = this.#values;
    this.#control = null;
    this.#values = null;
    this.#error = errorBody(error);
    void control.close();
    this.parts.onLost(error, last);
    this.#later(this.#waitMs, () => this.connect());
  }

  #unreachable(error: unknown): void {
    const before = this.#error;
    this.#error = errorBody(error);
    const { factor, maxMs } = this.parts.reconnect;
    if (before?.message !== this.#error.message) this.parts.onUnreachable(this.#error, this.#waitMs);
    this.#later(this.#waitMs, () => this.connect());
    this.#waitMs = Math.min(maxMs, this.#waitMs * factor);
  }

  #later(ms: number, act: () => Promise<void>): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void act(), ms);
  }
}

const asFlimdError = (error: unknown): FlimdError =>
  error instanceof FlimdError ? error : new FlimdError('FLIMD_E_INTERNAL', String(error));
