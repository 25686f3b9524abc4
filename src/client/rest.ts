import { FlimdError, type ErrorBody } from '../protocol/errors.js';
import type { SlowControlChange } from '../protocol/slow-control.js';
import type {
  DaemonStatus,
  ModelDescription,
  RecordingFile,
  RecordingStatus,
  RunState,
  SlowControlStatus,
} from '../protocol/stream.js';
import {
  errorBody,
  model,
  recordingList,
  recordingStatus,
  runState,
  slowControl,
  status,
} from './message-shapes.js';
import { remoteError } from './remote-error.js';
import { anything, dictionary, flag, record, text, type Check } from './shape.js';

export type RunVerb = 'arm' | 'start' | 'stop' | 'abort' | 'disarm';

/** What `arm` may say; what is left out is as configured. */
export interface ArmOptions {
  /** Frames to acquire; 0 = until stopped. */
  frameLimit?: number;
  /** Time between frame starts, µs; 0 = as fast as the camera can. */
  framePeriodUs?: number;
  /** Pixels with fewer photons are invalid. */
  minPhotons?: number;
}

/** What of a recording can be said; what is left out is as configured. */
export interface RecordingOptions {
  /** File name, without its folder. */
  name?: string;
  notes?: string;
  histograms?: boolean;
  /** Recorded frames after which the recording ends by itself. */
  frames?: number;
}

export interface DaemonHealth {
  ok: boolean;
  version: string;
  state: RunState;
}

export interface RestOptions {
  /** Address of the daemon, such as `http://127.0.0.1:8650`. */
  url: string;
  token?: string | undefined;
  /** Give up a request after this long, ms. Stopping drains, so it may take as long as a frame. */
  timeoutMs: number;
}

type Method = 'GET' | 'POST' | 'PUT';

const API = '/api/v1';
const verbAnswer = record<{ state: RunState }>({ state: runState });
const health = record<DaemonHealth>({ ok: flag, version: text, state: runState });

/** The daemon's REST interface. Refusals and malformed answers are FlimdErrors. */
export class RestClient {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Asks for a transition of the run and returns the state it led to. */
  async verb(name: RunVerb, body?: ArmOptions): Promise<RunState> {
    return (await this.#json('POST', `${API}/${name}`, verbAnswer, body)).state;
  }

  status(): Promise<DaemonStatus> {
    return this.#json('GET', `${API}/status`, status);
  }

  model(): Promise<ModelDescription> {
    return this.#json('GET', `${API}/model`, model);
  }

  config(): Promise<Record<string, unknown>> {
    return this.#json('GET', `${API}/config`, dictionary(anything));
  }

  /** @param path below the slow control */
  slowControl(method: Method, path = '', body?: SlowControlChange): Promise<SlowControlStatus> {
    return this.#json(method, `${API}/slow-control${path}`, slowControl, body);
  }

  health(): Promise<DaemonHealth> {
    return this.#json('GET', '/healthz', health);
  }

  recording(): Promise<RecordingStatus> {
    return this.#json('GET', `${API}/recording`, recordingStatus);
  }

  startRecording(options: RecordingOptions): Promise<RecordingStatus> {
    return this.#json('POST', `${API}/recording/start`, recordingStatus, options);
  }

  stopRecording(): Promise<RecordingStatus> {
    return this.#json('POST', `${API}/recording/stop`, recordingStatus);
  }

  async recordings(): Promise<RecordingFile[]> {
    return (await this.#json('GET', `${API}/recordings`, recordingList)).recordings;
  }

  async metrics(): Promise<string> {
    const response = await this.#ask('GET', '/metrics');
    if (!response.ok) throw refusal(response.status, await response.json().catch(() => null));
    return response.text();
  }

  async #json<T>(method: Method, path: string, shape: Check<T>, body?: object): Promise<T> {
    const response = await this.#ask(method, path, body);
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusal(response.status, answer);
    return shape(answer, path);
  }

  async #ask(method: Method, path: string, body?: object): Promise<Response> {
    const { url, token, timeoutMs } = this.#options;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    if (body) headers['content-type'] = 'application/json';
    try {
      return await fetch(new URL(path, url), {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw unreachable(url, cause);
    }
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
