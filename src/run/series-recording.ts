import { checkConservation } from '../acquisition/run-counters.js';
import type { Config } from '../config/index.js';
import { shownConfig } from '../config/index.js';
import type { FlimdError } from '../protocol/errors.js';
import type { RecorderCounts, RecordingProgress, RecordingSummary, RunCounters } from '../protocol/stream.js';
import type {
  RecordableFrame,
  RecordingEnd,
  RecordingEndReason,
  RecordingHeader,
} from '../recording/recording-layout.js';
import { Recorder } from '../recording/recorder.js';
import { version } from '../version.js';
import { recordingLaw, seriesRecordedLaw } from './recording-laws.js';
import type { Series } from './series.js';

export interface SeriesRecordingOrder {
  config: Config;
  series: Series;
  /** Absolute. */
  file: string;
  notes: string;
  histograms: boolean;
  /** Recorded frames after which the recording is full; null: none. */
  frameLimit: number | null;
  onFailed(error: FlimdError): void;
}

/** One recording of a series, or of a part of it. */
export class SeriesRecording {
  #finishing = false;

  private constructor(
    private readonly order: SeriesRecordingOrder,
    private readonly header: RecordingHeader,
    private readonly recorder: Recorder,
  ) {}

  /** @throws FlimdError FLIMD_E_RECORDING_*, FLIMD_E_CONFIG */
  static async open(order: SeriesRecordingOrder): Promise<SeriesRecording> {
    const { compression, flushMs, minFreeBytes, queueBytes, stallMs } = order.config.recording;
    const { file, onFailed } = order;
    const header = headerOf(order);
    const limits = { compression, flushMs, minFreeBytes, queueBytes, stallMs };
    const recorder = await Recorder.open({ file, header, onFailed, ...limits });
    return new SeriesRecording(order, header, recorder);
  }

  get failed(): boolean {
    return this.recorder.failure !== null;
  }

  get status(): RecordingProgress {
    const { recorder, header, order } = this;
    const { bytes, highWaterBytes, limitBytes } = recorder.queue;
    return {
      name: recorder.name,
      series: header.series,
      startedAt: header.recordingStartedAt,
      state: this.failed ? 'failed' : this.#finishing ? 'finishing' : 'recording',
      histograms: header.histograms,
      frameLimit: order.frameLimit,
      ...recorder.counts,
      bytes: recorder.bytes,
      queueBytes: bytes,
      queueHighWaterBytes: highWaterBytes,
      queueLimitBytes: limitBytes,
    };
  }

  /** The next frame is the first to be recorded. @param framesNotAsked frames of the series delivered before */
  begin(framesNotAsked: number): void {
    this.recorder.begin(framesNotAsked);
  }

  /** Takes a frame; true where it was the last that was asked for. */
  offer(frame: RecordableFrame): boolean {
    if (this.#finishing) return false;
    this.recorder.offer(frame);
    return this.#isFull();
  }

  missed(): void {
    if (!this.#finishing) this.recorder.missed();
  }

  /** No more frames; the file is ended with the next call of `finish`. */
  close(): void {
    this.#finishing = true;
  }

  /** Ends the file when everything taken is written. @param counters of a series that has ended; null: it goes on */
  async finish(
    reason: RecordingEndReason,
    cause: string,
    counters: RunCounters | null,
  ): Promise<RecordingSummary> {
    this.close();
    const end = (recorder: RecorderCounts): RecordingEnd => ({
      finished: true,
      endedAt: Date.now(),
      reason,
      cause,
      error: null,
      recorder,
      counters,
      conservation: counters
        ? [...checkConservation(counters), seriesRecordedLaw(counters, recorder)]
        : [recordingLaw(recorder)],
    });
    const { error, ...result } = await this.recorder.finish(end);
    return {
      name: this.recorder.name,
      complete: error === null,
      ...result,
      cause: error?.message ?? cause,
      error,
    };
  }

  discard(): Promise<void> {
    return this.recorder.discard();
  }

  #isFull(): boolean {
    const { framesDelivered, framesDroppedByRecorder } = this.recorder.counts;
    const { frameLimit } = this.order;
    return frameLimit !== null && framesDelivered - framesDroppedByRecorder >= frameLimit;
  }
}

function headerOf({ config, series, notes, histograms }: SeriesRecordingOrder): RecordingHeader {
  const { camera, model, mode, source, planes } = series.facts;
  return {
    software: `flimd ${version}`,
    uid: series.uid,
    series: series.id,
    seriesStartedAt: series.startedAt,
    recordingStartedAt: Date.now(),
    notes,
    mode,
    source,
    camera,
    model,
    modelHash: series.modelHash,
    configuration: shownConfig(config),
    planes: planes.map(({ name }) => name),
    histograms,
  };
}
