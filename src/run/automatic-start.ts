import type { Logger } from 'pino';
import { errorBody, type ErrorBody } from '../protocol/errors.js';
import type { RunController } from './run-controller.js';
import type { SlowControlGuard } from './slow-control-guard.js';

export interface AutomaticStartParts {
  controller: Pick<
    RunController,
    'arm' | 'start' | 'disarm' | 'machine' | 'error' | 'startRefused' | 'stopWanted'
  >;
  /** null where none is configured. */
  slowControl: Pick<SlowControlGuard, 'refused' | 'onReady'> | null;
  log: Pick<Logger, 'error' | 'info'>;
}

/**
 * Starts a run that nobody asked for. What the slow control refuses (it is not there, or an alarm is latched) is tried
 * again once whenever the slow control becomes ready: connected anew, or the last alarm acknowledged. Any other refusal
 * cannot change by itself, and stands. It never goes on where an operator has stopped since.
 */
export class AutomaticStart {
  /** Of the slow control, as it stands in the status of the daemon. */
  #refusal: ErrorBody | null = null;
  #trying = false;
  /** A camera came while the run was being started on the one before. */
  #askedAgain = false;
  /** How often the slow control has become ready. */
  #timesReady = 0;

  constructor(private readonly parts: AutomaticStartParts) {
    if (!parts.slowControl) return;
    parts.slowControl.onReady = () => {
      this.#timesReady++;
      if (this.#waits) void this.attempt();
    };
  }

  /** The refusal is gone from the status as soon as anything else happens: a run by hand, the loss of the camera. */
  get #waits(): boolean {
    return this.#refusal !== null && this.parts.controller.error === this.#refusal;
  }

  /** No run starts by itself any more. */
  forget(): void {
    this.#refusal = null;
    this.#askedAgain = false;
  }

  /** Resolves when the run is under way, or its refusal has been told. */
  async attempt(): Promise<void> {
    const { machine, stopWanted } = this.parts.controller;
    if (this.#trying) this.#askedAgain = true;
    if (this.#trying || stopWanted || machine.state !== 'idle') return;
    this.#refusal = null;
    this.#trying = true;
    this.#askedAgain = false;
    const timesReady = this.#timesReady;
    try {
      await this.#start();
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#trying = false;
    }
    // It became ready while the refusal was on its way, or there is another camera.
    const readySince = this.#waits && timesReady !== this.#timesReady;
    if (readySince || this.#askedAgain) await this.attempt();
  }

  async #start(): Promise<void> {
    const { controller } = this.parts;
    await controller.arm();
    // Bringing the bias up takes its time.
    if (controller.stopWanted) await controller.disarm();
    else await controller.start();
  }

  #refused(error: unknown): void {
    const { controller, slowControl, log } = this.parts;
    const again = slowControl?.refused(error) ?? false;
    const body = again ? triedAgain(errorBody(error)) : errorBody(error);
    this.#refusal = again ? body : null;
    controller.startRefused(body);
    log.error({ error: body }, 'the run could not be started');
  }
}

function triedAgain(error: ErrorBody): ErrorBody {
  const then = 'the run then starts by itself, unless it is stopped';
  return { ...error, action: error.action ? `${error.action}; ${then}` : then };
}
