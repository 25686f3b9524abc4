import { FlimdError } from '../protocol/errors.js';
import {
  STREAM_PATH,
  STREAM_PLANES_PARAMETER,
  STREAM_SUBPROTOCOL,
  type StreamPlane,
  streamPlanes,
} from '../protocol/stream.js';
import type { StreamSocketOptions, WebSocketConstructor } from './stream-socket.js';

export interface ConnectOptions {
  /** Address of the daemon, such as `http://127.0.0.1:8650`. */
  url: string;
  /** Needed where the daemon listens beyond loopback. */
  token?: string | undefined;
  /**
   * Planes wanted of every frame; those that a series does not have are not in its `start`. Default: lifetimes and
   * photons, without the standard errors.
   */
  planes?: readonly StreamPlane[];
  /** WebSocket implementation; the global one by default. Node 20 has none: pass that of `ws`. */
  webSocket?: WebSocketConstructor;
  /** Longest first delay before a reconnect, ms; later ones double. Default 250. */
  reconnectInitialMs?: number;
  /** Longest delay before a reconnect, and the first one after the daemon refused the client, ms. Default 5000. */
  reconnectMaxMs?: number;
  /** A connection silent for so long is given up and made anew, ms. Default 10 000. */
  silenceMs?: number;
  /** Time between two clock questions, which also show that the connection is alive, ms. Default 2000. */
  clockIntervalMs?: number;
  /** Give up a REST request after this long, ms. Default 15 000. */
  requestTimeoutMs?: number;
  /** 0 … 1, for the jitter of reconnects. Default Math.random. */
  random?: () => number;
}

/** What the connection of the stream needs, with the defaults of ConnectOptions. */
export function streamSocketOptions(options: ConnectOptions): StreamSocketOptions {
  return {
    url: streamUrl(options),
    protocol: STREAM_SUBPROTOCOL,
    webSocket: options.webSocket ?? globalWebSocket(),
    backoff: { initialMs: options.reconnectInitialMs ?? 250, maxMs: options.reconnectMaxMs ?? 5000 },
    silenceMs: options.silenceMs ?? 10_000,
    random: options.random ?? Math.random,
  };
}

function streamUrl({ url, token, planes }: ConnectOptions): string {
  const address = new URL(STREAM_PATH, url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  // Browsers cannot set headers on a WebSocket; the token goes into the query.
  if (token !== undefined) address.searchParams.set('token', token);
  if (planes?.length === 0) throw noPlanes();
  if (planes !== undefined) address.searchParams.set(STREAM_PLANES_PARAMETER, planes.join());
  return address.href;
}

function noPlanes(): FlimdError {
  return new FlimdError('FLIMD_E_REQUEST', 'no planes are asked for', {
    value: [],
    expected: streamPlanes.map(({ name }) => name).join(', '),
    action: 'name at least one plane, or leave `planes` out',
  });
}

function globalWebSocket(): WebSocketConstructor {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketConstructor };
  if (WebSocket !== undefined) return WebSocket;
  throw new FlimdError('FLIMD_E_CONFIG', 'this runtime has no WebSocket', {
    value: 'webSocket',
    expected: 'a WebSocket implementation',
    action: "pass one: FlimdClient.connect({ url, webSocket: WebSocket }) with import WebSocket from 'ws'",
  });
}
