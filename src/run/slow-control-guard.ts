import type { Logger } from 'pino';
import { fixedDuringRun, notConnected, otherCamera } from '../camera/slow-control/alarm-errors.js';
import { biasStateOf, isBiasUp, rampTimeMs } from '../camera/slow-control/bias-watch.js';
import { PolledSlowControl } from '../camera/slow-control/polled-slow-control.js';
import type { SlowControl } from '../camera/slow-control/slow-control.js';
import type { Config } from '../config/index.js';
import { errorBody, FlimdError } from '../protocol/errors.js';
import type { SlowControlSetpoint, SlowControlValues } from '../protocol/slow-control.js';
import type { CameraDescription, SlowControlStatus } from '../protocol/stream.js';
import { AlarmReaction } from './alarm-reaction.js';
import { biasReaches } from './bias-reaches.js';
import { HostPresence } from './host-presence.js';
import { slowControlStatus } from './slow-control-status.js';

export interface SlowControlGuardParts {
  config: Config['slowControl'];
  reconnect: Config['reconnect'];
  open(onLost: (error: FlimdError) => void): Promise<SlowControl>;
  /** What the line has counted, over all openings. */
  line: SlowControlStatus['line'];
  /** A run is armed or under way. */
  isRunning(): boolean;
  /** Ends the run, where there is one. */
  failRun(error: FlimdError): Promise<void>;
  /** The status is another one now. */
  changed(): void;
  log: Logger;
}

/**
 * Keeps sensor and run safe by the slow control: an alarm takes the bias down and ends the run, and so does the loss
 * of the slow control while the bias is up; without it no run begins. What users ask of it goes through here too.
 */
export class SlowControlGuard {
  /** It can let a run begin now, and could not before: it is connected anew, or the last alarm is gone. */
  onReady: () => void = () => {};
  readonly #polled: PolledSlowControl;
  readonly #alarms: AlarmReaction;
  readonly #presence: HostPresence;
  #broughtUp = false;
  #ready = false;
  #refusal: unknown = null;

  constructor(private readonly parts: SlowControlGuardParts) {
    const { open, config, reconnect, failRun, changed, log } = parts;
    this.#presence = new HostPresence(config.hostTimeoutMs, log);
    this.#alarms = new AlarmReaction({ control: () => this.#polled.control, failRun, changed, log });
    this.#polled = new PolledSlowControl({
      open,
      pollMs: config.pollMs,
      reconnect,
      onOpen: (control) => this.#opened(control),
      onValues: (values) => this.#take(values),
      onLost: (error, last) => this.#lost(error, last),
      onUnreachable: (error, retryMs) => log.warn({ error, retryMs }, 'the slow control cannot be reached'),
    });
  }

  /** One try to reach it; then it goes on by itself. */
  connect(): Promise<void> {
    return this.#polled.connect();
  }

  get status(): SlowControlStatus {
    const { config, line } = this.parts;
    return slowControlStatus(config.port!, this.#polled, this.#alarms.names, line);
  }

  /**
   * Whether a run on this camera may begin; brings the bias up for it where that is configured.
   * @throws FlimdError FLIMD_E_LINK_LOST, FLIMD_E_CONFIG, FLIMD_E_ALARM
   */
  async prepareRun(camera: Pick<CameraDescription, 'serial'>): Promise<void> {
    await this.#prepareRun(camera).catch((error: unknown) => {
      this.#refusal = error;
      throw error;
    });
  }

  /** Whether a run was refused with this error here, and not by the camera or the model. */
  refused(error: unknown): boolean {
    return error !== null && error === this.#refusal;
  }

  async #prepareRun(camera: Pick<CameraDescription, 'serial'>): Promise<void> {
    const control = this.#connected();
    if (control.identity.serial !== camera.serial) {
      throw otherCamera(control.path, control.identity.serial, camera.serial);
    }
    this.#alarms.refuse();
    const values = this.#polled.values!;
    if (biasStateOf(values) === 'on') return;
    if (!this.parts.config.biasWithRun) {
      this.parts.log.warn('the bias is not on: the sensor will see next to nothing');
      return;
    }
    await this.biasOn();
    await this.#reaches('on', values);
  }

  /** @throws FlimdError FLIMD_E_STATE, FLIMD_E_LIMITS with nothing sent; of the link */
  async setSetpoints(wanted: Partial<Record<SlowControlSetpoint, number>>): Promise<void> {
    const control = this.#connected();
    if (this.parts.isRunning()) throw fixedDuringRun();
    const entries = Object.entries(wanted) as [SlowControlSetpoint, number][];
    for (const [name, value] of entries) control.check(name, value);
    this.#alarms.expectChange(this.#polled.values!, wanted);
    for (const [name, value] of entries) await control.write(name, value);
    await this.#polled.refresh();
  }

  /** Begins the ramp up. @throws FlimdError FLIMD_E_ALARM; of the link */
  async biasOn(): Promise<void> {
    const control = this.#connected();
    this.#alarms.refuse();
    await control.command('biasOn');
    this.#broughtUp = true;
    this.#expect('on');
    await this.#polled.refresh();
  }

  /** Begins the ramp down. */
  async biasOff(): Promise<void> {
    await this.#connected().command('biasOff');
    this.#expect('off');
    await this.#polled.refresh();
  }

  /** Clears the alarms whose cause is gone. */
  async acknowledge(): Promise<void> {
    await this.#connected().command('acknowledge');
    this.#alarms.acknowledge();
    await this.#polled.refresh();
  }

  /** Takes the bias down where the daemon brought it up and that is configured, and lets the line go. */
  async close(): Promise<void> {
    const { config, log } = this.parts;
    this.#presence.leave();
    try {
      const { control, values } = this.#polled;
      if (control && values && isBiasUp(values)) {
        if (this.#broughtUp && config.biasOffAtEnd) await this.#bringDown(values);
        // It was up before, or is to stay up: then the camera must not miss the daemon.
        else await this.#presence.sayGoodbye(control);
      }
    } catch (error) {
      log.error({ error: errorBody(error) }, 'the bias was not taken down; the camera does so by itself');
    } finally {
      await this.#polled.close();
    }
  }

  async #bringDown(values: SlowControlValues): Promise<void> {
    await this.biasOff();
    await this.#reaches('off', values);
    this.parts.log.info('the bias is off');
  }

  #reaches(goal: 'on' | 'off', values: SlowControlValues): Promise<void> {
    const view = { polled: this.#polled, alarms: () => this.#alarms.names };
    return biasReaches(goal, view, rampTimeMs(values, goal));
  }

  async #opened(control: SlowControl): Promise<void> {
    await this.#presence.announce(control);
    this.parts.log.info({ port: control.path, ...control.identity }, 'the slow control is connected');
  }

  async #take(values: SlowControlValues): Promise<void> {
    await this.#alarms.take(values);
    await this.#presence.keep(this.#polled.control, values);
    this.#tellReady();
  }

  #lost(error: FlimdError, last: SlowControlValues | null): void {
    const { log, changed } = this.parts;
    log.error({ error: errorBody(error) }, 'the slow control is lost');
    this.#alarms.lost(last);
    this.#tellReady();
    changed();
  }

  #tellReady(): void {
    const before = this.#ready;
    this.#ready = this.#polled.values !== null && !this.#alarms.any;
    if (this.#ready && !before) this.onReady();
  }

  #expect(goal: 'on' | 'off', values = this.#polled.values): void {
    if (values) this.#alarms.expect(goal, values);
  }

  #connected(): SlowControl {
    const { control, error } = this.#polled;
    if (control && this.#polled.values) return control;
    throw notConnected(this.parts.config.port!, error?.message);
  }
}
