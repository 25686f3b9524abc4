import type { Acquisition } from '../acquisition/acquisition.js';
import type { Camera } from '../camera/camera.js';
import { takeOver } from '../camera/take-over.js';
import { DeviceOutput } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import type { JudgeChoice } from './judge-choice.js';
import type { LifetimeJudge } from './lifetime-judge.js';
import { type Configuration, writeConfiguration } from './register-image.js';
import { type FrameStage, type SeriesOrder, SeriesProbe } from './series-probe.js';

export interface ValidationOptions {
  /** Frames of the series that are compared. */
  frames: number;
  /** Of the injected frames and the pixels that the reference computes. */
  seed: number;
  /** A camera that is acquiring and sends no frame for so long has stalled, ms. */
  stallMs: number;
  /** How long a camera may take from abort to idle, ms. */
  idleMs: number;
  /** How long the device clock is watched, s. */
  clockSeconds: number;
  /** How far the device clock may be off the host's, ppm. */
  clockPpm: number;
  /** How long the free-running camera is timed, s. */
  rateSeconds: number;
}

export const defaultValidationOptions: ValidationOptions = {
  frames: 64,
  seed: 1,
  stallMs: 10_000,
  idleMs: 2000,
  clockSeconds: 2,
  // Two quartz oscillators of ±50 ppm, and a host clock that is being steered by NTP.
  clockPpm: 200,
  rateSeconds: 3,
};

/** A camera is given so many frame periods more before it has stalled. */
const PATIENCE_PERIODS = 3;
const U32 = 0x1_0000_0000;

/** An opened camera, and what the checks need beside it. */
export class CameraUnderTest {
  /** How far a long check is, for a person who waits. */
  onProgress: (done: number, of: number) => void = () => {};
  #series = Math.floor(Date.now() / 1000) % U32;
  #probe: SeriesProbe | null = null;

  constructor(
    readonly camera: Camera,
    readonly acquisition: Acquisition,
    readonly choice: JudgeChoice,
    readonly options: ValidationOptions,
    /** What every check begins with. */
    private readonly configuration: Configuration,
    /** Aborted with the reason when the link breaks or the user has had enough. */
    readonly signal: AbortSignal,
  ) {}

  get description(): CameraDescription {
    return this.camera.description;
  }

  get judge(): LifetimeJudge | null {
    return this.choice.judge;
  }

  offers(output: keyof typeof DeviceOutput): boolean {
    return this.description.outputs.includes(output);
  }

  /** Everything that the camera can send. */
  get allOutputs(): number {
    return this.description.outputs.reduce((mask, name) => mask | DeviceOutput[name], 0);
  }

  /** Arms the camera for a series whose frames are shown to `stage`, one after the other. */
  async arm(order: SeriesOrder, stage?: FrameStage): Promise<SeriesProbe> {
    const { camera, acquisition, options, signal } = this;
    const series = order.series ?? this.#nextSeries();
    const periodMs = (order.framePeriodUs ?? 0) / 1000;
    const stallMs = options.stallMs + PATIENCE_PERIODS * periodMs;
    this.#probe = new SeriesProbe({ camera, acquisition, signal, stallMs }, stage);
    await this.#probe.arm({ ...order, series });
    return this.#probe;
  }

  async start(order: SeriesOrder, stage?: FrameStage): Promise<SeriesProbe> {
    const probe = await this.arm(order, stage);
    await probe.start();
    return probe;
  }

  /**
   * Ends whatever is left behind: the camera is idle, with the configuration that every check begins with.
   * @throws FlimdError where the camera does not get idle, or of the link
   */
  async settle(): Promise<void> {
    const probe = this.#probe;
    this.#probe = null;
    try {
      await takeOver(this.camera);
      await writeConfiguration(this.camera.registers, this.configuration);
    } finally {
      await probe?.abandon();
    }
  }

  /** Numbers that grow, so that packets left over from an earlier series are known as such. */
  #nextSeries(): number {
    this.#series = (this.#series + 1) % U32 || 1;
    return this.#series;
  }
}
