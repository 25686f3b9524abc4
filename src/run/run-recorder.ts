import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { errorBody, type ErrorBody, FlimdError } from '../protocol/errors.js';
import type { RecordingFile, RecordingStatus, RecordingSummary, RunCounters } from '../protocol/stream.js';
import { RecordingFolder } from '../recording/recording-folder.js';
import type { RecordableFrame, RecordingEndReason } from '../recording/recording-layout.js';
import { checkedName, nameFromTemplate, numberedName } from '../recording/recording-name.js';
import type { RecordingRequest } from '../server/index.js';
import type { EndReason } from './run-ending.js';
import type { Series } from './series.js';
import { SeriesRecording } from './series-recording.js';

export interface RunRecorderParts {
  config: Config;
  /** The status is another one now. */
  changed(): void;
  log: Logger;
}

/** A series that is armed or under way. */
interface OpenSeries {
  series: Series;
  /** Its frames have histograms. */
  histograms: boolean;
  framesDelivered: number;
  /** Recordings begun so far. */
  recordings: number;
  /** What had been asked of the next series when this one was armed. */
  asked: RecordingRequest | null;
}

/**
 * Decides what of the runs is recorded, and says how it goes. A recording that fails does not touch the run; a run
 * that is to be recorded and cannot be is not begun.
 */
export class RunRecorder {
  readonly #folder: RecordingFolder;
  #series: OpenSeries | null = null;
  #current: SeriesRecording | null = null;
  /** What was asked of the next series. */
  #next: RecordingRequest | null = null;
  #last: RecordingSummary | null = null;
  #error: ErrorBody | null = null;
  /** Whatever opens or closes a file waits for what does so before. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: RunRecorderParts) {
    this.#folder = new RecordingFolder(parts.config.recording.directory);
  }

  get status(): RecordingStatus {
    return {
      directory: this.#folder.path,
      everySeries: this.parts.config.recording.everySeries,
      next: this.#next !== null,
      current: this.#current?.status ?? null,
      last: this.#last,
      error: this.#error,
    };
  }

  list(): Promise<RecordingFile[]> {
    return this.#folder.list();
  }

  /**
   * Records the series under way, or the next one where there is none.
   * @throws FlimdError FLIMD_E_RECORDING_*, FLIMD_E_STATE, FLIMD_E_REQUEST, FLIMD_E_CAPABILITY
   */
  start(request: RecordingRequest = {}): Promise<void> {
    return this.#inTurn(async () => {
      if (request.name !== undefined) checkedName(request.name);
      if (this.#current && !this.#current.failed) throw alreadyRecording(this.#current.status.name);
      await this.#finishCurrent('recordingStopped', 'another recording was begun');
      if (this.#series) await this.#open(this.#series, request);
      else {
        await this.#checkRoom(request);
        this.#next = request;
      }
    });
  }

  /** Ends the recording under way, not the series; resolves when the file is closed. Or forgets the next one. */
  stop(): Promise<void> {
    // Frames that come from now on are none of it, however long the disk takes.
    this.#current?.close();
    return this.#inTurn(async () => {
      if (!this.#current && !this.#next) throw notRecording();
      this.#next = null;
      if (this.#series) this.#series.asked = null;
      await this.#finishCurrent('recordingStopped', 'the recording was stopped');
    });
  }

  /** Before a run is armed. @throws FlimdError where it is to be recorded and cannot be */
  async checkRun({ histograms }: { histograms: boolean }): Promise<void> {
    const request = this.#requestForRun();
    if (!request) return;
    this.#wantsHistograms(request, histograms);
    await this.#checkRoom(request);
  }

  /** A run is being armed: its recording is opened where there is to be one, or the run is refused. */
  seriesArmed(series: Series, { histograms }: { histograms: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      this.#series = { series, histograms, framesDelivered: 0, recordings: 0, asked: this.#next };
      const request = this.#requestForRun();
      if (!request) return;
      try {
        await this.#open(this.#series, request);
      } catch (error) {
        this.#series = null;
        throw error;
      }
      this.#next = null;
    });
  }

  delivered(frame: RecordableFrame): void {
    const current = this.#current;
    if (current?.offer(frame)) {
      current.close();
      this.#inTurn(() =>
        this.#finishCurrent('frameLimit', 'the recording has the frames asked for', current),
      ).catch((error: unknown) => this.#complain(error));
    }
    if (this.#series) this.#series.framesDelivered++;
  }

  /** A frame was published whose lifetimes could not be computed. */
  notDelivered(): void {
    this.#current?.missed();
    if (this.#series) this.#series.framesDelivered++;
  }

  /** All frames of the series have been delivered. Gives the recording that ends with it. */
  seriesEnded(reason: EndReason, cause: string, counters: RunCounters): Promise<RecordingSummary | null> {
    return this.#inTurn(async () => {
      this.#series = null;
      return this.#finishCurrent(reason, cause, null, counters);
    });
  }

  /** The run was armed and is not to be: there is nothing to record, and what was asked is asked of the next one. */
  seriesWithdrawn(series: Series): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#series?.series !== series) return;
      this.#next ??= this.#series.asked;
      this.#series = null;
      await this.#current?.discard();
      this.#current = null;
    });
  }

  #requestForRun(): RecordingRequest | null {
    return this.#next ?? (this.parts.config.recording.everySeries ? {} : null);
  }

  async #open(open: OpenSeries, request: RecordingRequest): Promise<void> {
    const { config, changed, log } = this.parts;
    const { series } = open;
    const file = await this.#folder.placeFor(this.#nameOf(open, request), config.recording.minFreeBytes);
    const recording = await SeriesRecording.open({
      config,
      series,
      file,
      notes: request.notes ?? config.recording.notes,
      histograms: this.#wantsHistograms(request, open.histograms),
      frameLimit: request.frames ?? null,
      onFailed: (error) => {
        this.#error = error.toJSON();
        log.error({ file, error: this.#error }, 'the recording has failed; the run goes on without it');
        changed();
      },
    });
    // Frames went by while the file was opened.
    recording.begin(open.framesDelivered);
    this.#current = recording;
    open.recordings++;
    this.#error = null;
    log.info({ file, series: series.id }, 'recording');
    changed();
  }

  /** @param only where it is still the one at hand */
  async #finishCurrent(
    reason: RecordingEndReason,
    cause: string,
    only: SeriesRecording | null = null,
    counters: RunCounters | null = null,
  ): Promise<RecordingSummary | null> {
    const current = this.#current;
    if (!current || (only && only !== current)) return null;
    const summary = await current.finish(reason, cause, counters);
    this.#current = null;
    this.#last = summary;
    this.#error = summary.error;
    const { log, changed } = this.parts;
    if (summary.error) log.error(summary, 'the recording is not complete; what was written can be read');
    else if (summary.framesDroppedByRecorder > 0) log.warn(summary, 'the recording lacks frames');
    else log.info(summary, 'recorded');
    changed();
    return summary;
  }

  #nameOf({ series, recordings }: OpenSeries, { name }: RecordingRequest): string {
    if (name !== undefined) return checkedName(name);
    const { fileName } = this.parts.config.recording;
    const { serial } = series.facts.camera;
    const parts = { series: series.id, startedAt: series.startedAt, serial };
    return numberedName(nameFromTemplate(fileName, parts), recordings + 1);
  }

  #wantsHistograms(request: RecordingRequest, available: boolean): boolean {
    const wanted = request.histograms ?? this.parts.config.recording.histograms;
    if (!wanted || available) return wanted;
    throw new FlimdError('FLIMD_E_CAPABILITY', 'there are no histograms to record: they stay in the camera', {
      expected: 'a camera that sends them',
      action: 'let it send them (acquisition.histograms), or record without (recording.histograms)',
    });
  }

  /** Whether a file could be made now. */
  async #checkRoom({ name }: RecordingRequest): Promise<void> {
    const file = name === undefined ? `probe-${randomUUID()}` : checkedName(name);
    await this.#folder.placeFor(file, this.parts.config.recording.minFreeBytes);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  #complain(error: unknown): void {
    this.parts.log.error({ error: errorBody(error) }, 'a recording could not be ended');
  }
}

function alreadyRecording(name: string): FlimdError {
  return new FlimdError('FLIMD_E_STATE', `${name} is being recorded`, {
    expected: 'one recording at a time',
    action: 'stop it first',
  });
}

function notRecording(): FlimdError {
  return new FlimdError('FLIMD_E_STATE', 'nothing is being recorded', { action: 'start a recording first' });
}
