import type { Logger } from 'pino';
import { AlarmBoard } from '../camera/slow-control/alarm-board.js';
import { alarmError } from '../camera/slow-control/alarm-errors.js';
import { BiasWatch, biasStateOf, isBiasUp } from '../camera/slow-control/bias-watch.js';
import type { SlowControl } from '../camera/slow-control/slow-control.js';
import { errorBody, type FlimdError } from '../protocol/errors.js';
import type { SlowControlValues } from '../protocol/slow-control.js';

export interface AlarmReactionParts {
  /** null while it is not connected. */
  control(): SlowControl | null;
  /** Ends the run, where there is one. */
  failRun(error: FlimdError): Promise<void>;
  /** There are other alarms now. */
  changed(): void;
  log: Logger;
}

/**
 * What alarms there are, and what has to be done about them: the bias down, the run ended. It is done again with every
 * reading until it is so.
 */
export class AlarmReaction {
  readonly #watch = new BiasWatch();
  readonly #board = new AlarmBoard();
  /** Alarms that have been told of. */
  #told: string[] = [];

  constructor(private readonly parts: AlarmReactionParts) {}

  get names(): string[] {
    return this.#board.names;
  }

  get any(): boolean {
    return this.#board.any;
  }

  /** @throws FlimdError FLIMD_E_ALARM where one is latched */
  refuse(): void {
    if (this.#board.any) throw alarmError(this.#board.names);
  }

  /** The daemon's own; the camera clears the others. */
  acknowledge(): void {
    this.#board.acknowledge();
  }

  /** A ramp is ordered. */
  expect(goal: 'on' | 'off', values: SlowControlValues): void {
    this.#watch.expect(goal, values, performance.now());
  }

  /** Set-points are about to change: a reading on the way down to a lower one is no overshoot. */
  expectChange(before: SlowControlValues, wanted: Partial<SlowControlValues>): void {
    const state = biasStateOf(before);
    if (state !== 'on' && state !== 'rampingUp') return;
    const from = Math.max(before.excessVoltageMv, before.excessVoltageSetpointMv);
    this.#watch.expect('on', { ...before, ...wanted }, performance.now(), from);
  }

  /** The values have been read. */
  async take(values: SlowControlValues): Promise<void> {
    const before = this.#told;
    const found = this.#watch.check(values, performance.now());
    if (found) this.#board.raise(found);
    this.#board.read(values.alarms);
    this.#told = this.#board.names;
    const appeared = this.#told.filter((name) => !before.includes(name));
    if (appeared.length > 0) {
      this.#watch.forget();
      this.parts.log.error({ alarms: appeared, values }, 'alarm of the slow control');
    }
    if (appeared.length > 0 || this.#told.length !== before.length) this.parts.changed();
    if (this.#board.any) await this.#makeSafe(values);
  }

  /** The line is lost; `last` is what was known before. */
  lost(last: SlowControlValues | null): void {
    this.#watch.forget();
    if (!last || !isBiasUp(last)) return;
    this.#board.raise('slowControlLost');
    this.#endRun();
  }

  /** The bias first; the run ends meanwhile. */
  async #makeSafe(values: SlowControlValues): Promise<void> {
    const down = this.#takeBiasDown(values);
    this.#endRun();
    await down;
  }

  /** Without waiting for it: readings go on meanwhile. */
  #endRun(): void {
    const { failRun, log } = this.parts;
    failRun(alarmError(this.#board.names)).catch((error: unknown) =>
      log.error({ error: errorBody(error) }, 'the run did not end in order'),
    );
  }

  async #takeBiasDown(values: SlowControlValues): Promise<void> {
    const control = this.parts.control();
    const state = biasStateOf(values);
    const cut = this.#board.cuts;
    if (!control || state === 'off' || (state === 'rampingDown' && !cut)) return;
    try {
      await control.command(cut ? 'biasCut' : 'biasOff');
      this.expect('off', values);
    } catch (error) {
      this.parts.log.error({ error: errorBody(error) }, 'the bias could not be taken down; trying again');
    }
  }
}
