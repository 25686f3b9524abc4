import type { Acquisition, FrameSlot, PublishedFrame } from '../acquisition/acquisition.js';
import { checkConservation } from '../acquisition/run-counters.js';
import type { Camera } from '../camera/camera.js';
import type { DeviceCounters, DeviceHealth } from '../camera/device-health.js';
import type { Diagnostics } from '../camera/diagnostics.js';
import type { ArmSettings } from '../camera/series-settings.js';
import { DeviceOutput } from '../protocol/registers.js';
import type { ConservationCheck, RunCounters } from '../protocol/stream.js';
import { pause, unlessAborted } from './waiting.js';

/** Without `series` the next number. */
export type SeriesOrder = Omit<ArmSettings, 'series'> & { series?: number };

/** Looks at a frame; its slot is released when it is done. */
export type FrameStage = (frame: PublishedFrame, slot: FrameSlot) => Promise<void> | void;

type SeenFrame = Pick<PublishedFrame, 'frame' | 'complete' | 'startTicks' | 'endTicks'>;

/** All there is to know about a series that has ended. */
export interface SeriesRecord {
  series: number;
  frames: SeenFrame[];
  counters: RunCounters;
  laws: ConservationCheck[];
  /** What the camera's own counters say. */
  device: DeviceCounters;
  health: DeviceHealth;
  diagnostics: Diagnostics | null;
}

export interface ProbeParts {
  camera: Camera;
  acquisition: Acquisition;
  signal: AbortSignal;
  stallMs: number;
}

const POLL_MS = 5;

/** One series of the camera, from arm to its last packet. */
export class SeriesProbe {
  readonly frames: SeenFrame[] = [];
  #series = 0;
  #slots: FrameSlot[] = [];
  /** Frames are looked at one after the other. */
  #tail: Promise<void> = Promise.resolve();
  #newsAt = performance.now();
  #receiving = false;

  constructor(
    private readonly parts: ProbeParts,
    private readonly stage: FrameStage = () => {},
  ) {}

  async arm(settings: ArmSettings): Promise<void> {
    const { camera, acquisition } = this.parts;
    const { series, output } = settings;
    const { width, height, bins } = camera.description;
    const expect = {
      lifetimes: (output & DeviceOutput.lifetimes) !== 0,
      standardErrors: (output & DeviceOutput.standardErrors) !== 0,
      histograms: (output & DeviceOutput.histograms) !== 0,
    };
    this.#series = series;
    this.#receiving = true;
    const pool = await acquisition.beginSeries({ series, geometry: { width, height, bins }, expect });
    this.#slots = pool.slots;
    acquisition.on('frame', this.#receive);
    await camera.arm(settings);
  }

  async start(): Promise<void> {
    await this.parts.camera.start();
    this.#newsAt = performance.now();
  }

  /** Waits for so many frames; false where the camera stalls. */
  untilFrames(count: number): Promise<boolean> {
    return this.until(() => this.frames.length >= count);
  }

  /** Waits until the camera has ended the series; false where it stalls. */
  untilIdle(): Promise<boolean> {
    const { camera } = this.parts;
    return this.until(async () => (await camera.readState()).state === 'idle');
  }

  /** Waits for something; false where it has not happened and no frame has come for `stallMs`. */
  async until(happened: () => boolean | Promise<boolean>): Promise<boolean> {
    const { signal, stallMs } = this.parts;
    const since = performance.now();
    while (!(await happened())) {
      if (performance.now() - Math.max(since, this.#newsAt) > stallMs) return false;
      await pause(POLL_MS, signal);
    }
    return true;
  }

  /** Everything of a series that the camera has ended. */
  async collect(): Promise<SeriesRecord> {
    const { camera, signal } = this.parts;
    const { counters, device } = await unlessAborted(this.#drain(), signal);
    await unlessAborted(this.#tail, signal);
    const [health, diagnostics] = [await camera.readState(), await camera.readDiagnostics()];
    const { frames } = this;
    const laws = checkConservation(counters);
    return { series: this.#series, frames, counters, laws, device, health, diagnostics };
  }

  /**
   * For a series that nobody collects, with the camera idle: what is still on its way does not get into the next one.
   * Nothing where it has been collected.
   */
  async abandon(): Promise<void> {
    if (!this.#receiving) return;
    await this.#drain().catch(() => this.parts.acquisition.abortSeries().catch(() => {}));
    this.#end();
    await this.#tail.catch(() => {});
  }

  async #drain(): Promise<{ counters: RunCounters; device: DeviceCounters }> {
    const { camera, acquisition } = this.parts;
    const device = await camera.readCounters();
    const { packetsSent, framesSent, framesDropped } = device;
    const totals = { packetsSent, framesSent, framesDroppedByDevice: framesDropped };
    const counters = await acquisition.endSeries(totals);
    this.#end();
    return { counters, device };
  }

  #end(): void {
    this.#receiving = false;
    this.parts.acquisition.off('frame', this.#receive);
  }

  readonly #receive = (frame: PublishedFrame): void => {
    this.frames.push(frame);
    this.#newsAt = performance.now();
    const look = this.#tail.then(() => this.stage(frame, this.#slots[frame.slot]!));
    this.#tail = look.finally(() => this.parts.acquisition.release(frame.slot));
    // Thrown again where the tail is waited for.
    this.#tail.catch(() => {});
  };
}
