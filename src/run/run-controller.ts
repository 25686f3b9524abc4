import type { FramePoolViews, PublishedFrame } from '../acquisition/acquisition.js';
import { RunStateMachine } from '../acquisition/run-state.js';
import type { Camera } from '../camera/camera.js';
import { type ErrorBody, FlimdError } from '../protocol/errors.js';
import type { RunTotals } from '../metrics/index.js';
import type { CameraDescription } from '../protocol/stream.js';
import type { ArmOptions } from '../server/index.js';
import type { CameraConnection } from './camera-connection.js';
import { deliverFrame } from './frame-delivery.js';
import { FramePipeline } from './frame-pipeline.js';
import { LiveFigures } from './live-figures.js';
import { type EndReason, type LastRun, RunEnding, type RunEndingParts } from './run-ending.js';
import { outputMask, type RunPlan } from './run-plan.js';
import { RunTally } from './run-tally.js';
import { Series, SeriesNumbers } from './series.js';

/** A run that is armed or under way. */
interface CurrentRun {
  series: Series;
  plan: RunPlan;
  pool: FramePoolViews;
  /** Clients have been told of its start. */
  announced: boolean;
}

export interface RunControllerParts extends RunEndingParts {
  /** Decides how a run on this camera goes, or throws why it cannot. */
  plan(camera: CameraDescription, options: ArmOptions): Promise<RunPlan>;
  /** Frames of a series where the verb does not say; 0 = until stopped. */
  frameLimit: number;
}

/**
 * Runs the camera: verbs in, states and series out. Every run that was announced with a `start` message ends with
 * an `end` message that carries its counters, whatever ended it.
 */
export class RunController {
  readonly machine: RunStateMachine;
  readonly figures = new LiveFigures();
  #connection: CameraConnection | null = null;
  #run: CurrentRun | null = null;
  /** A run whose file and camera are being made ready; it may have been disarmed meanwhile. */
  #arming: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  #lastRun: LastRun | null = null;
  #startRefusal: ErrorBody | null = null;
  #stopWanted = false;
  readonly #numbers = new SeriesNumbers();
  readonly #tally = new RunTally();
  readonly #pipeline: FramePipeline;
  readonly #runEnding: RunEnding;

  constructor(private readonly parts: RunControllerParts) {
    const { acquisition, stream, recorder, log } = parts;
    this.machine = new RunStateMachine((now, before) => {
      this.#startRefusal = null;
      const again = now.error !== null && now.error.message === before.error?.message;
      log[again ? 'debug' : 'info'](
        { from: before.name, state: now.name, error: now.error ?? undefined },
        now.cause,
      );
      stream.statusChanged();
    });
    this.#runEnding = new RunEnding(parts);
    this.#pipeline = new FramePipeline(
      (frame) => this.#deliver(frame),
      (slot) => acquisition.release(slot),
      (error) => {
        recorder.notDelivered();
        void this.#end('error', 'a frame could not be computed', error);
      },
    );
    acquisition.on('frame', (frame) => this.#pipeline.push(frame));
    acquisition.on('counters', (counters) => {
      if (this.#run) this.#run.series.counters = counters;
    });
    acquisition.on('endOfSeries', ({ series }) => {
      if (series === this.#run?.series.id) void this.deviceFinished();
    });
  }

  get camera(): Camera | null {
    return this.#connection?.camera ?? null;
  }

  /** The run that is armed or under way. */
  get run(): Readonly<CurrentRun> | null {
    return this.#run;
  }

  /** From arming on, when there may be no run yet, to the end of the series. */
  get isRunning(): boolean {
    return this.#run !== null || this.machine.state === 'armed';
  }

  get lastRun(): LastRun | null {
    return this.#lastRun;
  }

  /** What all series add up to. */
  get totals(): RunTotals {
    return this.#tally.totals(this.#run?.series ?? null, this.figures.delivered);
  }

  /** What is wrong now, if anything is: with the camera, or why the run could not be started by itself. */
  get error(): ErrorBody | null {
    return this.machine.status.error ?? this.#startRefusal;
  }

  /** The run could not be started by itself: nobody asked, so everybody is told. */
  startRefused(error: ErrorBody): void {
    this.#startRefusal = error;
    this.parts.stream.statusChanged();
  }

  /** Somebody has asked for no run, and for none since. */
  get stopWanted(): boolean {
    return this.#stopWanted;
  }

  /** A camera has been opened. */
  connected(connection: CameraConnection): void {
    this.#connection = connection;
    this.#tally.cameraConnected();
    const { uri, serial } = connection.camera.description;
    this.machine.happened('initialized', `camera ${serial} at ${uri}`);
  }

  /** The camera is gone: what had arrived is delivered, the series ends, and the connection is closed. */
  async lost(error: FlimdError): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = null;
    this.#tally.cameraLost();
    this.machine.happened('linkLost', error.message, error);
    await this.#end('linkLost', error.message, error);
    await connection.close();
  }

  /** @throws FlimdError FLIMD_E_STATE, FLIMD_E_MODEL_*, FLIMD_E_CAPABILITY, or of the link; nothing is armed then. */
  async arm(options: ArmOptions = {}): Promise<void> {
    await this.#settled();
    this.machine.check('arm');
    const camera = this.#connected();
    const plan = await this.parts.plan(camera.description, options);
    // Another run may have come while this one was planned, and be on its way out; or another camera.
    await this.#settled();
    if (this.#connected() !== camera) throw anotherCamera();
    const series = new Series(this.#numbers.next(), plan.facts);
    this.machine.do('arm', `series ${series.id}`);
    const armed = this.#armSeries(series, plan, camera, options);
    const arming = armed.catch(() => {}).finally(() => (this.#arming = null));
    this.#arming = arming;
    await armed;
  }

  async #armSeries(series: Series, plan: RunPlan, camera: Camera, options: ArmOptions): Promise<void> {
    const { width, height, bins } = camera.description;
    const geometry = { width, height, bins };
    try {
      const { acquisition, recorder, frameLimit } = this.parts;
      await recorder.seriesArmed(series, plan.expect);
      // This takes a moment, in which the camera may go or somebody disarm.
      this.machine.check('start');
      const pool = await acquisition.beginSeries({ series: series.id, geometry, expect: plan.expect });
      this.#run = { series, plan, pool, announced: false };
      this.machine.check('start');
      await camera.arm({
        series: series.id,
        output: outputMask(plan.expect),
        frameLimit: options.frameLimit ?? frameLimit,
        framePeriodUs: options.framePeriodUs,
        minPhotons: plan.expect.lifetimes && plan.minPhotons > 0 ? plan.minPhotons : undefined,
        // Left over from a host that injected and died, no frame would ever come.
        histogramSource: 'sensor',
      });
    } catch (error) {
      if (this.machine.state === 'armed') this.machine.do('disarm', 'could not be armed');
      await this.#end('aborted', 'could not be armed');
      await this.parts.recorder.seriesWithdrawn(series);
      throw error;
    }
  }

  async start(): Promise<void> {
    this.machine.check('start');
    const run = this.#run;
    if (!run) throw stillArming();
    this.machine.do('start', 'started');
    this.#stopWanted = false;
    this.figures.clear();
    run.announced = true;
    this.parts.stream.seriesStarted(run.series.startMessage, run.plan.deconvolve);
    await this.#orFail('the camera did not start', (camera) => camera.start());
  }

  /** Resolves when everything already acquired has been delivered. */
  async stop(): Promise<void> {
    this.#stopWanted = true;
    this.machine.do('stop', 'stopped');
    await this.#orFail('the camera did not stop', (camera) => camera.stop());
    await this.#end('stopped', 'stopped, and everything acquired has been delivered');
  }

  /** Ends the run at once: the frame being taken and the frames in assembly are dropped. */
  async abort(): Promise<void> {
    this.#stopWanted = true;
    this.machine.do('abort', 'aborted');
    await this.#letGo('aborted', (camera) => camera.abort());
  }

  async disarm(): Promise<void> {
    const wasArmed = this.machine.state === 'armed';
    // To acknowledge an error is not to say that there shall be no run.
    if (this.machine.state !== 'error') this.#stopWanted = true;
    this.machine.do('disarm', wasArmed ? 'disarmed' : 'error acknowledged');
    if (!wasArmed) return;
    await this.#letGo('disarmed', (camera) => camera.disarm());
  }

  /** The camera has sent the last packet of the series by itself. */
  async deviceFinished(): Promise<void> {
    if (this.machine.happened('deviceFinished', 'the camera ended the series')) {
      await this.#end('completed', 'the series is complete');
    }
  }

  /** Ends the run, where there is one, because of something beside the camera, such as an alarm. */
  async fail(error: FlimdError): Promise<void> {
    if (this.#run) await this.#end('error', error.message, error);
    // What is still being armed finds itself refused.
    else if (this.machine.state === 'armed') this.machine.happened('failed', error.message, error);
  }

  /** Ends a run in order where there is one, and lets the camera go. */
  async close(): Promise<void> {
    const complain = (error: unknown): void => this.#runEnding.complain(error);
    if (this.machine.state === 'acquiring') await this.stop().catch(complain);
    if (this.machine.state === 'armed') await this.disarm().catch(complain);
    await this.#settled();
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  #connected(): Camera {
    if (this.#connection) return this.#connection.camera;
    throw new FlimdError('FLIMD_E_LINK_LOST', 'the camera is not connected', {
      action: 'wait until it has been reached again',
    });
  }

  async #command(command: (camera: Camera) => Promise<void>): Promise<void> {
    await command(this.#connected());
  }

  /** A command without which the run cannot go on. */
  async #orFail(cause: string, command: (camera: Camera) => Promise<void>): Promise<void> {
    try {
      await this.#command(command);
    } catch (error) {
      await this.#end('error', cause, error);
      throw error;
    }
  }

  /** Whatever is ending has ended, and a run that was disarmed while it was armed is withdrawn. */
  async #settled(): Promise<void> {
    while (this.#ending || (this.#arming && this.machine.state !== 'armed')) {
      await (this.#ending ?? this.#arming);
    }
  }

  /** Ends the run at once. It is ending from now on, and not only when the camera has answered. */
  async #letGo(cause: string, command: (camera: Camera) => Promise<void>): Promise<void> {
    const commanded = this.#command(command);
    const answered = commanded.catch(() => {});
    this.#ending ??= answered.then(() => this.#finish('aborted', cause)).finally(() => (this.#ending = null));
    await this.#ending;
    await commanded;
  }

  /** Ends the current run; a second cause that comes while it is ending waits for the same end. */
  #end(reason: EndReason, cause: string, error?: unknown): Promise<void> {
    if (error !== undefined && reason !== 'linkLost') this.#runEnding.complain(error);
    this.#ending ??= this.#finish(reason, cause, error).finally(() => (this.#ending = null));
    return this.#ending;
  }

  async #finish(reason: EndReason, cause: string, error?: unknown): Promise<void> {
    const run = this.#run;
    if (!run) return;
    if (reason === 'error') await this.#connection?.camera.abort().catch(() => {});
    const { series, announced } = run;
    series.counters = await this.#runEnding.collect(series, reason, this.camera);
    await this.#pipeline.drained();
    const recording = await this.#runEnding.endRecording(series, { reason, cause, announced });
    this.#run = null;
    this.#tally.seriesEnded(series, reason);
    this.#lastRun = this.#runEnding.report(series, { reason, cause, announced, recording });
    if (reason === 'error') this.machine.happened('failed', cause, error);
    else this.machine.happened('drained', cause);
    this.parts.stream.statusChanged();
  }

  async #deliver(frame: PublishedFrame): Promise<void> {
    const run = this.#run;
    if (!run || frame.series !== run.series.id) return;
    const camera = this.camera;
    const unixMs = (ticks: number): number => camera?.deviceTicksToUnixMs(ticks) ?? Date.now();
    await deliverFrame(frame, run.series, run.pool, run.plan.source, unixMs, {
      publish: (message, decayOf) => this.parts.stream.publish(message, decayOf),
      record: (recordable) => this.parts.recorder.delivered(recordable),
      delivered: (photons, completedAt) => this.figures.frame(photons, completedAt),
    });
  }
}

function anotherCamera(): FlimdError {
  return new FlimdError('FLIMD_E_LINK_LOST', 'the camera was connected anew while the run was planned', {
    action: 'arm again',
  });
}

function stillArming(): FlimdError {
  return new FlimdError('FLIMD_E_STATE', 'the run is still being armed', {
    action: 'wait for the end of arm',
  });
}
