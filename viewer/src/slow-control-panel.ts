import './slow-control.css';
import type { FlimdClient } from '../../src/client/index.js';
import { errorBody, type SlowControlStatus } from '../../src/protocol/index.js';
import { BiasDialog } from './bias-dialog.js';
import { part, setText } from './dom.js';
import type { Notices } from './notices.js';
import { SetpointDialog } from './setpoint-dialog.js';
import {
  alarmWords,
  type BiasDirection,
  biasQuestion,
  type SlowControlReadouts,
  slowControlReadouts,
  troubleWords,
} from './slow-control-words.js';

/** Bias, temperatures, cooler and laser of the camera: what they are, and what an operator may do with them. */
export class SlowControlPanel {
  readonly #root = part('slow-control');
  readonly #readouts: Record<keyof SlowControlReadouts, HTMLElement> = {
    bias: part('slow-control-bias'),
    excess: part('slow-control-excess'),
    sensor: part('slow-control-sensor'),
    cooler: part('slow-control-cooler'),
    laser: part('slow-control-laser'),
    gateDelay: part('slow-control-gate-delay'),
  };
  readonly #alarms = part('slow-control-alarms');
  readonly #on = part<HTMLButtonElement>('bias-on');
  readonly #off = part<HTMLButtonElement>('bias-off');
  readonly #setpoints = part<HTMLButtonElement>('setpoints');
  readonly #banner = part('alarm-banner');
  readonly #bannerText = part('alarm-text');
  readonly #acknowledge = part<HTMLButtonElement>('acknowledge');
  readonly #biasDialog = new BiasDialog();
  readonly #setpointDialog: SetpointDialog;
  /** null while the daemon is out of reach. */
  #status: SlowControlStatus | null = null;
  #running = false;
  #busy = false;

  constructor(
    private readonly client: FlimdClient,
    private readonly notices: Notices,
  ) {
    this.#setpointDialog = new SetpointDialog(client, (status) => this.#take(status));
    this.#on.addEventListener('click', () => this.#ask('up'));
    this.#off.addEventListener('click', () => this.#ask('down'));
    this.#acknowledge.addEventListener('click', () => void this.#do(() => client.acknowledge()));
    this.#setpoints.addEventListener('click', () => this.#status && this.#setpointDialog.open(this.#status));
  }

  /**
   * @param status undefined while the daemon is out of reach: the panel stays as it is, without numbers; null where
   * no slow control is configured
   * @param running a run is armed or under way
   */
  show(status: SlowControlStatus | null | undefined, running: boolean): void {
    if (status !== undefined) this.#root.hidden = status === null;
    this.#running = running;
    this.#take(status ?? null);
  }

  #take(status: SlowControlStatus | null): void {
    this.#status = status;
    if (this.#root.hidden) return;
    const readouts = slowControlReadouts(status);
    for (const [name, element] of Object.entries(this.#readouts)) {
      setText(element, readouts[name as keyof SlowControlReadouts]);
    }
    this.#root.dataset.bias = status?.bias ?? 'unknown';
    this.#showAlarms(status);
    this.#showButtons(status);
  }

  /** A banner over the map says what is wrong; the numbers stay where they are. */
  #showAlarms(status: SlowControlStatus | null): void {
    const alarm = status && alarmWords(status.alarms);
    const trouble = status && troubleWords(status);
    const degree = alarm ? 'alarm' : trouble ? 'warning' : 'none';
    setText(this.#alarms, status === null ? '–' : alarm ? `${status.alarms.length} latched` : 'none');
    setText(this.#bannerText, alarm ?? trouble ?? '');
    this.#banner.hidden = degree === 'none';
    this.#banner.dataset.degree = degree;
    this.#root.dataset.degree = degree;
  }

  #showButtons(status: SlowControlStatus | null): void {
    const there = !this.#busy && status?.values != null;
    const bias = status?.bias ?? null;
    const alarmed = (status?.alarms.length ?? 0) > 0;
    this.#on.disabled = !there || alarmed || bias === 'on' || bias === 'rampingUp';
    this.#on.title = alarmed ? 'Acknowledge the alarm first' : 'Ramp the bias up to its excess voltage';
    this.#off.disabled = !there || bias === 'off' || bias === 'rampingDown';
    this.#setpoints.disabled = !there || this.#running;
    this.#setpoints.title = this.#running
      ? 'Set-points stay as they are while a run is armed or under way'
      : 'Excess voltage, ramp, temperature, gate delay';
    this.#acknowledge.hidden = !alarmed;
    this.#acknowledge.disabled = !there;
  }

  #ask(direction: BiasDirection): void {
    const values = this.#status?.values;
    if (!values) return;
    this.#biasDialog.ask(direction, biasQuestion(direction, values, this.#running), () => {
      void this.#do(() => (direction === 'up' ? this.client.biasOn() : this.client.biasOff()));
    });
  }

  async #do(request: () => Promise<SlowControlStatus>): Promise<void> {
    this.#busy = true;
    this.#showButtons(this.#status);
    try {
      this.#take(await request());
    } catch (error) {
      this.notices.show(errorBody(error));
    } finally {
      this.#busy = false;
      this.#showButtons(this.#status);
    }
  }
}
