import { Random } from '../../random/random.js';
import { type DeviceTime, monotonicTime } from '../device-time.js';
import { CameraPhysics } from '../slow-control/camera-physics.js';
import {
  type LineLedger,
  noLineFaults,
  type SlowControlFaults,
  spoiled,
} from '../slow-control/line-faults.js';
import { SlowControlDevice } from '../slow-control/slow-control-device.js';
import { PseudoTerminal } from './pseudo-terminal.js';

export interface SlowControlPortOptions {
  serial: string;
  firmware: string;
  laserHz: number;
  seed: number;
  faults?: SlowControlFaults;
  /** What is behind it, where something else sees that too; else its own. */
  physics?: CameraPhysics;
  time?: DeviceTime;
}

/** The camera goes on warming, ramping and watching between requests. */
const TICK_MS = 20;
/** How long what breaks by `ALARM@MS` stays broken, so that it can be acknowledged afterwards. */
const BROKEN_MS = 3000;
const PIECE_GAP_MS = 5;
const RANDOM_STREAM = 0x510c;

/** The slow control of a virtual camera as a serial port of this machine. */
export class SlowControlPort {
  /** May be changed while it runs. */
  readonly faults: SlowControlFaults;
  /** What became of the answers. */
  readonly ledger: LineLedger = { ...noLineFaults, answers: 0 };
  readonly physics: CameraPhysics;
  readonly #terminal: PseudoTerminal;
  readonly #random: Random;
  #isCut = false;
  /** On their way, in order; `gapMs` before a piece is a pause. */
  readonly #outgoing: { bytes: Uint8Array; gapMs: number }[] = [];
  #pausing = false;
  readonly #timers: (() => void)[] = [];

  private constructor(
    path: string,
    private readonly options: SlowControlPortOptions,
    private readonly time: DeviceTime,
  ) {
    const { serial, firmware, laserHz, seed, faults, physics } = options;
    this.faults = { ...noLineFaults, alarms: [], ...faults };
    this.#random = new Random(seed, RANDOM_STREAM);
    this.physics = physics ?? new CameraPhysics(laserHz, this.#random, time.nowMs());
    const device = new SlowControlDevice({
      serial,
      firmware,
      physics: this.physics,
      now: () => time.nowMs(),
      send: (answer) => this.#send(spoiled(answer, this.faults, this.#random, this.ledger)),
    });
    this.#terminal = PseudoTerminal.open(path, (bytes) => {
      if (!this.#isCut) device.receive(bytes);
    });
  }

  /** @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NATIVE_MISSING */
  static open(path: string, options: SlowControlPortOptions): SlowControlPort {
    const port = new SlowControlPort(path, options, options.time ?? monotonicTime);
    port.#start();
    return port;
  }

  get path(): string {
    return this.#terminal.path;
  }

  /** The cable breaks: what is sent to the camera is lost, and the port stays. */
  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Also what a pulled-out plug looks like from the other end. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#terminal.close();
  }

  #start(): void {
    const ticks = setInterval(() => this.physics.advance(this.time.nowMs()), TICK_MS);
    this.#timers.push(() => clearInterval(ticks));
    for (const { alarm, atMs } of this.options.faults?.alarms ?? []) {
      this.#timers.push(
        this.time.after(atMs, () => this.physics.breakDown(alarm)),
        this.time.after(atMs + BROKEN_MS, () => this.physics.repair(alarm)),
      );
    }
  }

  #send(pieces: Uint8Array[]): void {
    pieces.forEach((bytes, at) => this.#outgoing.push({ bytes, gapMs: at === 0 ? 0 : PIECE_GAP_MS }));
    if (!this.#pausing) this.#pump();
  }

  /** A line carries one answer at a time: the next waits for the last piece of this one. */
  #pump(): void {
    this.#pausing = false;
    for (let head = this.#outgoing[0]; head; head = this.#outgoing[0]) {
      if (head.gapMs > 0) {
        this.time.after(head.gapMs, () => this.#pump());
        head.gapMs = 0;
        this.#pausing = true;
        return;
      }
      this.#terminal.send(head.bytes);
      this.#outgoing.shift();
    }
  }
}
