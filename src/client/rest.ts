import { FlimdError, type ErrorBody } from '../protocol/errors.js';
import type { DaemonStatus, RecordingFile, RecordingStatus, RunState } from '../protocol/stream.js';
import { errorBody, recordingList, recordingStatus, runState, status } from './message-shapes.js';
import { remoteError } from './remote-error.js';
import { record, type Check } from './shape.js';

/** What of a recording can be said; what is left out is as configured. */
export interface RecordingOptions {
  /** File name, without its folder. */
  name?: string;
  notes?: string;
  histograms?: boolean;
  /** Recorded frames after which the recording ends by itself. */
  frames?: number;
}

export type RunVerb = 'arm' | 'start' | 'stop' | 'abort';

export interface RestOptions {
  /** Address of the daemon, such as `http://127.0.0.1:8650`. */
  url: string;
  token?: string | undefined;
  /** Give up a request after this long, ms. Stopping drains, so it may take as long as a frame. */
  timeoutMs: number;
}

const verbAnswer = record<{ state: RunState }>({ state: runState });

/** The daemon's REST interface. Refusals and malformed answers are FlimdErrors. */
export class RestClient {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Asks for a transition of the run and returns the state it led to. */
  async verb(name: RunVerb): Promise<RunState> {
    return (await this.#request('POST', name, verbAnswer)).state;
  }

  status(): Promise<DaemonStatus> {
    return this.#request('GET', 'status', status);
  }

  recording(): Promise<RecordingStatus> {
    return this.#request('GET', 'recording', recordingStatus);
  }

  startRecording(options: RecordingOptions): Promise<RecordingStatus> {
    return this.#request('POST', 'recording/start', recordingStatus, options);
  }

  stopRecording(): Promise<RecordingStatus> {
    return this.#request('POST', 'recording/stop', recordingStatus);
  }

  async recordings(): Promise<RecordingFile[]> {
    return (await this.#request('GET', 'recordings', recordingList)).recordings;
  }

  async #request<T>(method: 'GET' | 'POST', name: string, shape: Check<T>, content?: object): Promise<T> {
    const { url, token, timeoutMs } = this.#options;
    const headers: Record<string, string> = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(content && { 'content-type': 'application/json' }),
    };
    const request = {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(content && { body: JSON.stringify(content) }),
    };
    const response = await fetch(new URL(`/api/v1/${name}`, url), request).catch((cause: unknown) => {
      throw unreachable(url, cause);
    });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusal(response.status, body);
    return shape(body, name);
  }
}

function unreachable(url: string, cause: unknown): FlimdError {
  const details = { value: url, action: 'check that the daemon runs: flimd serve' };
  return new FlimdError('FLIMD_E_REQUEST', 'the daemon does not answer', details, { cause });
}

function refusal(httpStatus: number, body: unknown): FlimdError {
  try {
    return remoteError(record<{ error: ErrorBody }>({ error: errorBody })(body, 'answer').error);
  } catch {
    return new FlimdError('FLIMD_E_REQUEST', `the daemon answered HTTP ${httpStatus}`, { value: httpStatus });
  }
}
