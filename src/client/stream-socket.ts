import { backoffMs, type BackoffOptions } from './backoff.js';
import { Emitter } from './emitter.js';

/** The part of the WebSocket interface that is used; browsers, Node ≥ 22 and `ws` all have it. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}

export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike;

export type ConnectionState =
  | { name: 'connecting'; attempt: number }
  | { name: 'open' }
  | { name: 'waiting'; attempt: number; retryAt: number }
  | { name: 'closed' };

export interface StreamSocketOptions {
  url: string;
  protocol: string;
  webSocket: WebSocketConstructor;
  backoff: BackoffOptions;
  /** A connection that is not open by then, or is silent for as long, is given up, ms. */
  silenceMs: number;
  /** 0 … 1, for the jitter. */
  random: () => number;
}

/** RFC 6455: the daemon will not have this client, for its address or for how much it sends. */
const POLICY_VIOLATION = 1008;

interface SocketEvents {
  connection: ConnectionState;
  bytes: Uint8Array;
}

/** A WebSocket that comes back: one socket at a time, a growing delay between attempts. */
export class StreamSocket extends Emitter<SocketEvents> {
  readonly #options: StreamSocketOptions;
  #state: ConnectionState = { name: 'closed' };
  #socket: WebSocketLike | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamSocketOptions) {
    super();
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  open(): void {
    const { url, protocol, webSocket: Socket } = this.#options;
    this.#enter({ name: 'connecting', attempt: this.#attempt });
    const socket = new Socket(url, protocol);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#enter({ name: 'open' });
    socket.onmessage = (event: { data: unknown }) => this.#receive(event.data);
    socket.onclose = ({ code }: { code: number }) => this.#retryLater(code === POLICY_VIOLATION);
    // A close event always follows; `ws` would throw an error nobody listens to.
    socket.onerror = () => {};
    this.#watchSilence();
  }

  /** Sends now or not at all: what matters is sent again after a reconnect by whoever wants it. */
  send(bytes: Uint8Array): void {
    if (this.#state.name === 'open') this.#socket?.send(bytes);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#detach();
    this.#enter({ name: 'closed' });
  }

  #receive(data: unknown): void {
    // What speaks is alive: only now is the way back to short delays earned.
    this.#attempt = 0;
    this.#watchSilence();
    if (data instanceof ArrayBuffer) this.emit('bytes', new Uint8Array(data));
  }

  #watchSilence(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#retryLater(), this.#options.silenceMs);
  }

  /** @param refused trying soon again would only be refused again: at once the longest delay */
  #retryLater(refused = false): void {
    clearTimeout(this.#timer);
    this.#detach();
    const { backoff, random } = this.#options;
    const initialMs = refused ? backoff.maxMs : backoff.initialMs;
    const delayMs = backoffMs(this.#attempt, { ...backoff, initialMs }, random);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.open(), delayMs);
    this.#enter({ name: 'waiting', attempt: this.#attempt, retryAt: Date.now() + delayMs });
  }

  #detach(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.emit('connection', state);
  }
}
