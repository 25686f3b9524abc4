import type { SlowControlChange } from '../protocol/slow-control.js';
import type {
  DaemonStatus,
  ModelDescription,
  RecordingFile,
  RecordingStatus,
  RunState,
  SlowControlStatus,
} from '../protocol/stream.js';
import { Emitter } from './emitter.js';
import type { ArmOptions, DaemonHealth, RecordingOptions, RestClient } from './rest.js';

/**
 * Everything that a daemon can be asked for over REST, but for the stream. Every method rejects with a FlimdError:
 * the daemon's own, or FLIMD_E_REQUEST where it does not answer.
 */
export abstract class DaemonVerbs<Events extends object> extends Emitter<Events> {
  protected constructor(private readonly rest: RestClient) {
    super();
  }

  /** What is left out is as configured. */
  arm(options: ArmOptions = {}): Promise<RunState> {
    return this.rest.verb('arm', options);
  }

  start(): Promise<RunState> {
    return this.rest.verb('start');
  }

  /** Resolves when everything already acquired has been delivered. */
  stop(): Promise<RunState> {
    return this.rest.verb('stop');
  }

  abort(): Promise<RunState> {
    return this.rest.verb('abort');
  }

  /** Also acknowledges the state `error`. */
  disarm(): Promise<RunState> {
    return this.rest.verb('disarm');
  }

  status(): Promise<DaemonStatus> {
    return this.rest.status();
  }

  /** @throws FlimdError FLIMD_E_MODEL_NOT_FOUND where none is loaded */
  model(): Promise<ModelDescription> {
    return this.rest.model();
  }

  /** The whole configuration, its token hidden; keys as in docs/configuration.md. */
  config(): Promise<Record<string, unknown>> {
    return this.rest.config();
  }

  health(): Promise<DaemonHealth> {
    return this.rest.health();
  }

  /** The text for Prometheus. */
  metrics(): Promise<string> {
    return this.rest.metrics();
  }

  recording(): Promise<RecordingStatus> {
    return this.rest.recording();
  }

  /** Records the series under way, or the next one where there is none. @throws FlimdError FLIMD_E_RECORDING_* */
  startRecording(options: RecordingOptions = {}): Promise<RecordingStatus> {
    return this.rest.startRecording(options);
  }

  /** Ends the recording, not the series; resolves when the file is closed. */
  stopRecording(): Promise<RecordingStatus> {
    return this.rest.stopRecording();
  }

  /** The files in the daemon's folder, newest first. */
  recordings(): Promise<RecordingFile[]> {
    return this.rest.recordings();
  }

  /** @throws FlimdError FLIMD_E_CAPABILITY where no slow control is configured, as all of the following do */
  slowControl(): Promise<SlowControlStatus> {
    return this.rest.slowControl('GET');
  }

  /**
   * Set-points, whole numbers in the units of their names; all of them or, where one is refused, none.
   * @throws FlimdError FLIMD_E_LIMITS, FLIMD_E_STATE while a run is armed or under way, FLIMD_E_LINK_LOST
   */
  setSetpoints(setpoints: SlowControlChange): Promise<SlowControlStatus> {
    return this.rest.slowControl('PUT', '', setpoints);
  }

  /** Resolves when the ramp has begun. @throws FlimdError FLIMD_E_ALARM, FLIMD_E_LINK_LOST */
  biasOn(): Promise<SlowControlStatus> {
    return this.rest.slowControl('POST', '/bias-on');
  }

  /** Resolves when the ramp has begun. */
  biasOff(): Promise<SlowControlStatus> {
    return this.rest.slowControl('POST', '/bias-off');
  }

  /** Clears the alarms whose cause is gone; the answer has those that are left. */
  acknowledge(): Promise<SlowControlStatus> {
    return this.rest.slowControl('POST', '/acknowledge');
  }
}
