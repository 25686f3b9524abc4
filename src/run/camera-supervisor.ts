import type { Logger } from 'pino';
import type { Acquisition } from '../acquisition/acquisition.js';
import type { Camera } from '../camera/camera.js';
import type { Diagnostics } from '../camera/diagnostics.js';
import type { Config } from '../config/index.js';
import { type ErrorBody, errorBody, FlimdError } from '../protocol/errors.js';
import { AutomaticStart } from './automatic-start.js';
import type { CameraConnection } from './camera-connection.js';
import { DiagnosticsWatch } from './diagnostics-watch.js';
import type { RunController } from './run-controller.js';
import type { SlowControlGuard } from './slow-control-guard.js';

export interface SupervisorParts {
  open(): Promise<CameraConnection>;
  /** Tells when a camera may have appeared; gives what ends that, or null where it cannot be known. */
  watch?(appeared: () => void): Promise<(() => void) | null>;
  controller: RunController;
  acquisition: Acquisition;
  reconnect: Config['reconnect'];
  /** Arm and start as soon as the camera is there. */
  autoStart: boolean;
  /** What may refuse a run for a while; null where none is configured. */
  slowControl: Pick<SlowControlGuard, 'refused' | 'onReady'> | null;
  log: Logger;
}

const HEALTH_POLL_MS = 1000;
const INTERRUPT_PAUSE_MS = 100;

/**
 * Keeps the camera connected: opens it, opens it again with growing waits when it is lost, and lets a run that the
 * loss interrupted go on as a new series.
 */
export class CameraSupervisor {
  #closed = false;
  #waitMs: number;
  #startWhenThere: boolean;
  #retry: NodeJS.Timeout | null = null;
  /** The try that is under way; it does not fail. */
  #connecting: Promise<unknown> = Promise.resolve();
  #toldUnreachable: string | null = null;
  readonly #health: NodeJS.Timeout;
  readonly #diagnostics = new DiagnosticsWatch();
  readonly #automaticStart: AutomaticStart;
  #unwatch: (() => void) | null = null;

  constructor(private readonly parts: SupervisorParts) {
    this.#waitMs = parts.reconnect.initialMs;
    this.#startWhenThere = parts.autoStart;
    this.#automaticStart = new AutomaticStart(parts);
    parts.acquisition.on('lost', (error) => void this.#lost(error));
    parts.acquisition.on('refused', (reason) => parts.log.warn({ reason }, 'the camera refused data'));
    this.#health = setInterval(() => void this.#watchDevice(), HEALTH_POLL_MS).unref();
    void this.#watchForCamera();
  }

  /** One try to connect; a link that cannot be opened is tried again later, any other failure is thrown. */
  connect(): Promise<void> {
    const connected = this.#connect();
    this.#connecting = connected.catch(() => {});
    return connected;
  }

  async #connect(): Promise<void> {
    const { controller, open, reconnect } = this.parts;
    controller.machine.do('initialize', 'connecting');
    try {
      const connection = await open();
      if (this.#closed) return await connection.close();
      this.#adopt(connection);
    } catch (error) {
      // Nobody waits for this camera any more, or for why it is not there.
      if (this.#closed) return;
      controller.machine.happened('linkLost', errorBody(error).message, error);
      if (!isLinkError(error)) throw error;
      this.#tellUnreachable(errorBody(error));
      this.#connectLater();
      return;
    }
    this.#waitMs = reconnect.initialMs;
    this.#toldUnreachable = null;
    if (this.#startWhenThere) await this.#automaticStart.attempt();
  }

  /** Once for each reason: a camera that is switched off for the night is tried again until morning. */
  #tellUnreachable(error: ErrorBody): void {
    const again = error.message === this.#toldUnreachable;
    this.#toldUnreachable = error.message;
    this.parts.log[again ? 'debug' : 'warn'](
      { error, retryMs: this.#waitMs },
      'the camera cannot be reached',
    );
  }

  /** What went wrong in the camera, as last read; null where it does not say. */
  get diagnostics(): Diagnostics | null {
    return this.#diagnostics.latest;
  }

  /**
   * From here on no camera is connected and no run starts. Resolves when a try that was under way has let its camera
   * go again; it may be waiting for what the rest of the daemon still has to close.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#automaticStart.forget();
    clearInterval(this.#health);
    if (this.#retry) clearTimeout(this.#retry);
    this.#unwatch?.();
    await this.#connecting;
  }

  /** Without such news the camera is looked for now and then, as it is anyway. */
  async #watchForCamera(): Promise<void> {
    const { watch, log } = this.parts;
    try {
      this.#unwatch = (await watch?.(() => this.#appeared())) ?? null;
    } catch (error) {
      log.warn({ error: errorBody(error) }, 'a camera that is plugged in is noticed late');
    }
    if (this.#closed) this.#unwatch?.();
  }

  /** Does not wait for the next try. */
  #appeared(): void {
    if (!this.#retry) return;
    clearTimeout(this.#retry);
    this.#waitMs = this.parts.reconnect.initialMs;
    this.#connectNow();
  }

  #adopt(connection: CameraConnection): void {
    const { camera } = connection;
    this.#diagnostics.forget();
    camera.onLost = (error) => void this.#lost(error);
    camera.onInterrupt = () => this.#interrupted(camera);
    this.parts.controller.connected(connection);
  }

  async #lost(error: FlimdError): Promise<void> {
    const { controller } = this.parts;
    if (this.#closed || !controller.camera) return;
    const wanted = this.parts.autoStart && !controller.stopWanted;
    this.#startWhenThere = wanted || controller.machine.state === 'acquiring';
    await controller.lost(error);
    this.#connectLater();
  }

  #connectLater(): void {
    if (this.#closed) return;
    const { factor, maxMs } = this.parts.reconnect;
    this.#retry = setTimeout(() => this.#connectNow(), this.#waitMs);
    this.#waitMs = Math.min(maxMs, this.#waitMs * factor);
  }

  #connectNow(): void {
    this.#retry = null;
    this.connect().catch((error) => {
      this.parts.log.error({ error: errorBody(error) }, 'the camera cannot be used');
      this.#connectLater();
    });
  }

  /** Notices a series whose last packet was lost, and faults that the camera only shows in its registers. */
  async #watchDevice(): Promise<void> {
    const { controller, log } = this.parts;
    const { camera, machine } = controller;
    if (!camera || machine.state !== 'acquiring') return;
    try {
      const { state, fault } = await camera.readState();
      if (fault !== 'none') log.error({ fault }, 'the camera reports a fault');
      await this.#diagnose(camera);
      if (state === 'idle') await controller.deviceFinished();
    } catch (error) {
      log.warn({ error: errorBody(error) }, 'the camera does not tell its state');
    }
  }

  /** Errors inside the camera are told at once, and not too often: an interrupt may stay raised. */
  async #interrupted(camera: Camera): Promise<void> {
    const { log } = this.parts;
    await this.#diagnose(camera).catch((error) => {
      log.warn({ error: errorBody(error) }, 'the camera raised an interrupt and does not tell why');
    });
    await new Promise((resolve) => setTimeout(resolve, INTERRUPT_PAUSE_MS));
  }

  /** Tells of each kind of error once a series. */
  async #diagnose(camera: Camera): Promise<void> {
    const { run, machine } = this.parts.controller;
    // Before it is started its flags may still be those of the series before.
    const series = machine.state === 'acquiring' ? (run?.series.id ?? null) : null;
    const errors = await this.#diagnostics.look(camera, series);
    if (errors.length > 0) this.parts.log.warn({ errors }, 'something went wrong inside the camera');
  }
}

function isLinkError(error: unknown): boolean {
  return (
    error instanceof FlimdError &&
    (error.code.startsWith('FLIMD_E_LINK_') || error.code === 'FLIMD_E_NOT_A_CAMERA')
  );
}
