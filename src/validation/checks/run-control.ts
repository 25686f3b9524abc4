import { DeviceCommand, register } from '../../protocol/registers.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, type Finding, finding, type Observation } from '../check.js';
import { refuses } from '../refusals.js';
import type { SeriesProbe, SeriesRecord } from '../series-probe.js';
import { seriesFindings } from '../soundness.js';

/** A series begins, ends and is numbered as it was told to be, and verbs in the wrong state are refused. */
export const runControlCheck: Check = {
  name: 'run-control',
  about: 'whether it does what it is told',
  run: (subject) => new RunControlProof(subject).run(),
};

type Verb = keyof typeof DeviceCommand;

const LIMITS = [1, 5];
/** Numbers with few and with all bits; any other is tried by the other series. */
const SERIES_NUMBERS = [1, 0xffff_ffff];
/** `stop` comes when so many frames are there: often enough to meet one under way. */
const STOP_AFTER_FRAMES = [1, 2, 4];
const ABORT_AFTER_FRAMES = 2;
const NO_COMMANDS = [0, 6, 0xffff_ffff];

class RunControlProof {
  readonly #findings: Finding[] = [];
  #refused = 0;
  #series = 0;
  #stopMs = 0;
  #abortMs = 0;

  constructor(private readonly subject: CameraUnderTest) {}

  async run(): Promise<Observation> {
    await this.#verbsWhileIdle();
    await this.#verbsWhileArmed();
    for (const [i, limit] of LIMITS.entries()) await this.#endsByItself(limit, SERIES_NUMBERS[i]!);
    for (const frames of STOP_AFTER_FRAMES) await this.#stopsAfter(frames);
    await this.#aborts();
    // Nothing of the series before may be left in this one.
    await this.#endsByItself(1);
    return {
      summary:
        `${this.#series} series ended as they should; stop took up to ${this.#stopMs.toFixed(0)} ms, ` +
        `abort ${this.#abortMs.toFixed(0)} ms; ${this.#refused} commands refused as they must be`,
      figures: {
        ...{ series: this.#series, stopMs: this.#stopMs, abortMs: this.#abortMs },
        ...{ abortLimitMs: this.subject.options.idleMs, commandsRefused: this.#refused },
      },
      findings: this.#findings,
    };
  }

  async #verbsWhileIdle(): Promise<void> {
    await this.#mustRefuse('start', 'idle');
    for (const command of NO_COMMANDS) await this.#mustRefuse(command, 'idle');
    const { registers } = this.subject.camera;
    // A camera may refuse the number, or to be armed with it.
    if (await refuses(registers.write(register('series').address, [0]))) return;
    await this.#mustRefuse('arm', 'idle', ' with series 0');
  }

  async #verbsWhileArmed(): Promise<void> {
    const { camera, allOutputs } = this.subject;
    for (const leave of ['disarm', 'abort'] as const) {
      await this.subject.arm({ output: allOutputs, frameLimit: 1 });
      for (const verb of ['arm', 'stop'] as const) await this.#mustRefuse(verb, 'armed');
      await camera[leave]();
      const { state } = await camera.readState();
      if (state !== 'idle') this.#tell(`${leave} leads from armed to ${state}, not to idle`);
      await this.subject.settle();
    }
  }

  async #endsByItself(frameLimit: number, series?: number): Promise<void> {
    const probe = await this.subject.start({ ...this.#freely(), frameLimit, series });
    const record = await this.#ended(probe, `with frameLimit ${frameLimit}`);
    if (record?.device.framesSent === frameLimit) return;
    if (record) this.#tell(`${record.device.framesSent} frames came with frameLimit ${frameLimit}`);
  }

  /** With every frame of which the camera has sent something: `stop` finishes the frame under way. */
  async #stopsAfter(frames: number): Promise<void> {
    const { camera } = this.subject;
    const probe = await this.subject.start({ ...this.#freely(), frameLimit: 0 });
    if (!(await this.#running(probe, frames))) return;
    for (const verb of ['arm', 'start', 'disarm'] as const) await this.#mustRefuse(verb, 'acquiring');
    const since = performance.now();
    await camera.stop();
    await this.#ended(probe, 'after stop');
    this.#stopMs = Math.max(this.#stopMs, performance.now() - since);
  }

  async #aborts(): Promise<void> {
    const { camera, options } = this.subject;
    const probe = await this.subject.start({ ...this.#freely(), frameLimit: 0 });
    if (!(await this.#running(probe, ABORT_AFTER_FRAMES))) return;
    const since = performance.now();
    await camera.abort();
    await this.#ended(probe, 'after abort', true);
    this.#abortMs = performance.now() - since;
    if (this.#abortMs > options.idleMs) {
      this.#tell(`abort took ${this.#abortMs.toFixed(0)} ms to idle; at most ${options.idleMs} expected`);
    }
  }

  /** As fast as the camera can: frames are under way nearly all the time. */
  #freely() {
    return { output: this.subject.allOutputs, framePeriodUs: 0 };
  }

  async #running(probe: SeriesProbe, frames: number): Promise<boolean> {
    if (await probe.untilFrames(frames)) return true;
    this.#tell(`no frame came for ${this.subject.options.stallMs} ms`);
    await this.subject.settle();
    return false;
  }

  /** The record of a series that ends; null where it does not. */
  async #ended(probe: SeriesProbe, how: string, aborted = false): Promise<SeriesRecord | null> {
    if (!(await probe.untilIdle())) {
      this.#tell(`the series does not end ${how}`);
      await this.subject.settle();
      return null;
    }
    const record = await probe.collect();
    this.#series++;
    const wrong = seriesFindings(record, aborted);
    this.#findings.push(...wrong.map(({ text }) => finding(`${how}: ${text}`)));
    return record;
  }

  async #mustRefuse(verb: Verb | number, state: string, when = ''): Promise<void> {
    const { camera, signal } = this.subject;
    const value = typeof verb === 'number' ? verb : DeviceCommand[verb];
    const refused = await refuses(camera.registers.write(register('command').address, [value]));
    const after = (await camera.readState()).state;
    const name = typeof verb === 'number' ? `command ${verb}` : verb;
    if (!refused) this.#tell(`${name} is taken while ${state}${when}`);
    else this.#refused++;
    if (after !== state) this.#tell(`${name} while ${state}${when} leads to ${after}`);
    signal.throwIfAborted();
  }

  #tell(text: string): void {
    this.#findings.push(finding(text));
  }
}
