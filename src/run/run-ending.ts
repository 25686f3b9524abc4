import type { Logger } from 'pino';
import type { Acquisition } from '../acquisition/acquisition.js';
import { checkConservation } from '../acquisition/run-counters.js';
import type { Camera } from '../camera/camera.js';
import type { DaemonStatus, EndMessage, RecordingSummary, RunCounters } from '../protocol/stream.js';
import type { StreamServer } from '../stream/index.js';
import { deviceTotals, unknownTotals } from './device-totals.js';
import { seriesRecordedLaw } from './recording-laws.js';
import type { RunRecorder } from './run-recorder.js';
import type { Series } from './series.js';

export type EndReason = EndMessage['reason'];
export type LastRun = NonNullable<DaemonStatus['lastRun']>;

export interface RunEndingParts {
  acquisition: Acquisition;
  stream: StreamServer;
  recorder: RunRecorder;
  log: Logger;
  /** How long a camera may take from `stop` to idle, ms. */
  stopTimeoutMs: number;
}

export interface EndFacts {
  reason: EndReason;
  cause: string;
  /** Clients have been told of the series. */
  announced: boolean;
  /** What ended with it. */
  recording: RecordingSummary | null;
}

/**
 * How a run ends: everything that is still to come is collected, the recording is closed, the laws are checked, clients
 * are told. Whatever fails on the way is logged, and the run ends all the same.
 */
export class RunEnding {
  constructor(private readonly parts: RunEndingParts) {}

  /** The final counters of a series; `camera` is null where it is gone. */
  collect(series: Series, reason: EndReason, camera: Camera | null): Promise<RunCounters> {
    return this.#collect(reason, camera).catch((failure: unknown) => {
      this.complain(failure);
      return series.counters;
    });
  }

  async #collect(reason: EndReason, camera: Camera | null): Promise<RunCounters> {
    const { acquisition, stopTimeoutMs, log } = this.parts;
    if (reason === 'aborted') return acquisition.abortSeries();
    if (!camera) return acquisition.endSeries(unknownTotals);
    const totals = await deviceTotals(camera, stopTimeoutMs).catch((error: unknown) => {
      log.error({ err: error }, 'the camera does not say what it sent');
      return unknownTotals;
    });
    return acquisition.endSeries(totals);
  }

  /** What was recorded of a series; nothing of one of which nobody has been told. */
  async endRecording(
    series: Series,
    { reason, cause, announced }: Omit<EndFacts, 'recording'>,
  ): Promise<RecordingSummary | null> {
    const { recorder } = this.parts;
    try {
      if (announced) return await recorder.seriesEnded(reason, cause, series.counters);
      await recorder.seriesWithdrawn(series);
    } catch (failure) {
      this.complain(failure);
    }
    return null;
  }

  /** Checks the laws, and tells log and, where they know of the series, clients. */
  report({ id, uid, counters }: Series, { reason, cause, announced, recording }: EndFacts): LastRun {
    const { log, stream } = this.parts;
    const conservation = checkConservation(counters);
    if (recording) conservation.push(seriesRecordedLaw(counters, recording));
    const broken = conservation.filter((check) => !check.holds);
    if (broken.length > 0) log.error({ series: id, broken }, 'a conservation law does not hold: a defect');
    log.info({ series: id, reason, cause, counters, conservation }, 'series ended');
    const end = { uid, reason, cause, counters, conservation, recording };
    if (announced) stream.seriesEnded({ type: 'end', series: id, ...end });
    return { id, ...end };
  }

  /** Of what goes wrong in a run and does not end the daemon. */
  complain(error: unknown): void {
    this.parts.log.error({ err: error }, error instanceof Error ? error.message : String(error));
  }
}
