import { errorBody, FlimdError } from '../protocol/errors.js';
import type {
  ClockMessage,
  DaemonStatus,
  DecayMessage,
  EndMessage,
  FrameMessage,
  RecordingFile,
  RecordingStatus,
  RunState,
  ServerMessage,
  StartMessage,
  StatusMessage,
} from '../protocol/stream.js';
import { ClockEstimator, type ClockMapping } from './clock.js';
import { streamSocketOptions, type ConnectOptions } from './connect-options.js';
import { Emitter } from './emitter.js';
import { decodeServerMessage, encodeClientMessage } from './message-codec.js';
import { planeArray, readPlanes, type LifetimeFrame } from './planes.js';
import { remoteError } from './remote-error.js';
import { type RecordingOptions, RestClient } from './rest.js';
import { StreamSocket, type ConnectionState } from './stream-socket.js';

export interface Decay extends Omit<DecayMessage, 'type' | 'counts'> {
  /** Photons per detector bin. */
  counts: Uint32Array;
}

/** A pixel, or a region of at most MAX_REGION_PIXELS with (x, y) as its upper left pixel. */
export interface WatchedRegion {
  x: number;
  y: number;
  /** Default 1. */
  width?: number;
  height?: number;
}

export interface ClientEvents {
  connection: ConnectionState;
  start: StartMessage;
  frame: LifetimeFrame;
  end: EndMessage;
  status: StatusMessage;
  decay: Decay;
  /** The daemon's errors, and FLIMD_E_REQUEST for every message that could not be understood. */
  error: FlimdError;
  clock: ClockMapping;
}

const QUICK_CLOCK_QUESTIONS = 4;

/**
 * A client of one flimd daemon: its stream, with reconnection, and its verbs. Events come in the
 * order of the stream; a frame is emitted only after the `start` of its series.
 */
export class FlimdClient extends Emitter<ClientEvents> {
  readonly #socket: StreamSocket;
  readonly #rest: RestClient;
  readonly #clock = new ClockEstimator();
  readonly #clockIntervalMs: number;
  #clockTimer: ReturnType<typeof setTimeout> | undefined;
  #clockQuestions = 0;
  #start: StartMessage | null = null;
  #watched: WatchedRegion | null = null;

  /** Begins to connect and returns at once; `connection` and `start` tell how it goes. */
  static connect(options: ConnectOptions): FlimdClient {
    const client = new FlimdClient(options);
    client.#socket.open();
    return client;
  }

  private constructor(options: ConnectOptions) {
    super();
    const { url, token } = options;
    this.#rest = new RestClient({ url, token, timeoutMs: options.requestTimeoutMs ?? 15_000 });
    this.#clockIntervalMs = options.clockIntervalMs ?? 2000;
    this.#socket = new StreamSocket(streamSocketOptions(options));
    this.#socket.on('connection', (state) => this.#onConnection(state));
    this.#socket.on('bytes', (bytes) => this.#onBytes(bytes));
  }

  get connection(): ConnectionState {
    return this.#socket.state;
  }

  /** How the daemon's clock relates to this one; null until it has answered once. */
  get clock(): ClockMapping | null {
    return this.#clock.mapping;
  }

  /** The daemon's time at a time of this client's clock (that of `receivedAt`), unix ms, as well as it is known. */
  daemonTime(at: number): number {
    return at + (this.clock?.offsetMs ?? 0);
  }

  arm(): Promise<RunState> {
    return this.#rest.verb('arm');
  }

  start(): Promise<RunState> {
    return this.#rest.verb('start');
  }

  stop(): Promise<RunState> {
    return this.#rest.verb('stop');
  }

  abort(): Promise<RunState> {
    return this.#rest.verb('abort');
  }

  status(): Promise<DaemonStatus> {
    return this.#rest.status();
  }

  /** Records the series under way, or the next one where there is none. */
  startRecording(options: RecordingOptions = {}): Promise<RecordingStatus> {
    return this.#rest.startRecording(options);
  }

  /** Ends the recording, not the series; resolves when the file is closed. */
  stopRecording(): Promise<RecordingStatus> {
    return this.#rest.stopRecording();
  }

  /** The files in the daemon's folder, newest first. */
  recordings(): Promise<RecordingFile[]> {
    return this.#rest.recordings();
  }

  /** Asks for the decay of a pixel or a region with every frame; null ends it. Survives reconnects. */
  watch(region: WatchedRegion | null): void {
    this.#watched = region && onlyRegion(region);
    this.#sendWatch();
  }

  close(): void {
    clearTimeout(this.#clockTimer);
    this.#socket.close();
  }

  #onConnection(state: ConnectionState): void {
    clearTimeout(this.#clockTimer);
    this.#start = null;
    if (state.name === 'open') {
      this.#clock.reset();
      this.#clockQuestions = 0;
      this.#askClock();
      if (this.#watched !== null) this.#sendWatch();
    }
    this.emit('connection', state);
  }

  #sendWatch(): void {
    const watched = this.#watched ?? { x: null, y: null };
    this.#socket.send(encodeClientMessage({ type: 'watch', ...watched }));
  }

  /** A few questions in quick succession find a short round trip early; then one now and then. */
  #askClock(): void {
    this.#socket.send(encodeClientMessage({ type: 'clock', clientTime: now() }));
    this.#clockQuestions += 1;
    const quick = this.#clockQuestions < QUICK_CLOCK_QUESTIONS;
    this.#clockTimer = setTimeout(() => this.#askClock(), quick ? 100 : this.#clockIntervalMs);
  }

  #onBytes(bytes: Uint8Array): void {
    const receivedAt = now();
    try {
      this.#dispatch(decodeServerMessage(bytes), receivedAt);
    } catch (error) {
      this.emit('error', error instanceof FlimdError ? error : remoteError(errorBody(error)));
    }
  }

  #dispatch(message: ServerMessage, receivedAt: number): void {
    switch (message.type) {
      case 'start':
        this.#start = message;
        return this.emit('start', message);
      case 'frame':
        return this.emit('frame', this.#readFrame(message, receivedAt));
      case 'decay':
        return this.emit('decay', readDecay(message));
      case 'clock':
        return this.emit('clock', this.#readClock(message, receivedAt));
      case 'error':
        return this.emit('error', remoteError(message.error));
      case 'end':
        return this.emit('end', message);
      case 'status':
        return this.emit('status', message);
    }
  }

  #readFrame(message: FrameMessage, receivedAt: number): LifetimeFrame {
    if (this.#start?.uid !== message.uid) {
      throw new FlimdError('FLIMD_E_REQUEST', 'a frame came without the start of its series', {
        value: message.uid,
        expected: this.#start === null ? 'a start message first' : `series ${this.#start.uid}`,
      });
    }
    const planes = readPlanes(message, this.#start.planes);
    return { ...message, planes, receivedAt };
  }

  #readClock({ clientTime, serverTime }: ClockMessage, receivedAt: number): ClockMapping {
    return this.#clock.add(clientTime, serverTime, receivedAt);
  }
}

/** The daemon refuses a message with anything else in it, such as more properties of a caller's object. */
function onlyRegion({ x, y, width, height }: WatchedRegion): WatchedRegion {
  return { x, y, ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

function readDecay({ counts, ...rest }: DecayMessage): Decay {
  if (counts.length % 4 !== 0) {
    const details = { value: counts.length, expected: 'a multiple of 4 bytes' };
    throw new FlimdError('FLIMD_E_REQUEST', 'a decay has the wrong size', details);
  }
  return { ...rest, counts: planeArray('u32', counts) as Uint32Array };
}

/** Unix ms with the resolution of the monotonic clock, which a correction of the wall clock does not move. */
const now = (): number => performance.timeOrigin + performance.now();
