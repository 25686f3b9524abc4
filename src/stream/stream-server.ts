import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BaseLogger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { FlimdError } from '../protocol/errors.js';
import {
  STREAM_SUBPROTOCOL,
  type DaemonStatus,
  type EndMessage,
  type FrameMessage,
  type StartMessage,
} from '../protocol/stream.js';
import type { StreamLimits } from './limits.js';
import { MessageEncoder } from './message-encoder.js';
import { CloseCode, dismiss, refuseUpgrade } from './refuse.js';
import { StreamClient, type FrameFlow } from './stream-client.js';

/** A frame as the daemon has it; the stream adds when it was sent. */
export type OutgoingFrame = Omit<FrameMessage, 'sentAt'>;

/** Photons per detector bin at a pixel of the frame at hand; null where it has none. */
export type DecayOf = (x: number, y: number) => Uint32Array | null;

export interface StreamServerOptions {
  limits: StreamLimits;
  status: () => DaemonStatus;
  log: BaseLogger;
}

/**
 * The live stream: every frame is encoded once and offered to every client (RFC 6455, subprotocol `flimd.v1`).
 * It owns no listening socket; the HTTP server passes it the upgrade requests it has let through.
 */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #sockets: WebSocketServer;
  readonly #encoder = new MessageEncoder();
  readonly #clients = new Set<StreamClient>();
  readonly #connections = new Set<WebSocket>();
  readonly #total: FrameFlow & { framesEncoded: number } = {
    framesEncoded: 0,
    framesSent: 0,
    framesSkipped: 0,
  };
  readonly #timers: NodeJS.Timeout[];
  #start: { message: StartMessage; encoded: Buffer } | null = null;

  constructor(options: StreamServerOptions) {
    const { maxMessageBytes, statusIntervalMs, heartbeatMs } = options.limits;
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      handleProtocols: () => STREAM_SUBPROTOCOL,
    });
    this.#timers = [
      setInterval(() => this.#tick(), statusIntervalMs).unref(),
      setInterval(() => this.#clients.forEach((client) => client.beat()), heartbeatMs).unref(),
    ];
  }

  /** Takes an upgrade request that may have the stream, or refuses it (wrong subprotocol, no room, no WebSocket). */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (offered.includes(STREAM_SUBPROTOCOL)) {
      this.#sockets.handleUpgrade(request, socket, head, (connection) => this.#connected(connection));
      return;
    }
    const error = new FlimdError(
      'FLIMD_E_REQUEST',
      'the WebSocket does not offer the subprotocol of the stream',
      {
        value: offered.join(', ').slice(0, 100),
        expected: STREAM_SUBPROTOCOL,
        action: `open it as new WebSocket(url, '${STREAM_SUBPROTOCOL}')`,
      },
    );
    refuseUpgrade(socket, 400, error);
  }

  seriesStarted(message: StartMessage): void {
    const encoded = this.#encoder.encodePlain(message);
    this.#start = { message, encoded };
    for (const client of this.#clients) client.offerStart(encoded);
  }

  /** Encodes the frame, which copies its planes, and offers it to every client. */
  publish(frame: OutgoingFrame, decayOf?: DecayOf): void {
    if (this.#clients.size === 0) return;
    const encoded = this.#encoder.encodeBinary({ ...frame, sentAt: Date.now() });
    this.#total.framesEncoded++;
    const decays = decayOf ? this.#decayEncoder(frame, decayOf) : null;
    for (const client of this.#clients) {
      const decay = client.watched && decays ? decays(client.watched.x, client.watched.y) : null;
      client.offerFrame(encoded, decay);
    }
  }

  seriesEnded(message: EndMessage): void {
    this.#start = null;
    const encoded = this.#encoder.encodePlain(message);
    for (const client of this.#clients) client.offerEnd(encoded);
  }

  /** Sends the status now instead of at its next turn. */
  statusChanged(): void {
    if (this.#clients.size === 0) return;
    const status = this.#options.status();
    for (const client of this.#clients) client.offerStatus(status);
  }

  counts(): DaemonStatus['stream'] {
    return { clients: this.#clients.size, ...this.#total };
  }

  /** Says goodbye to every client and resolves when all are gone; new ones are refused with HTTP 503. */
  async close(): Promise<void> {
    this.#timers.forEach(clearInterval);
    this.#sockets.close();
    for (const client of this.#clients) client.close('the daemon is stopping');
    const gone = [...this.#connections].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    await Promise.all(gone);
  }

  #connected(socket: WebSocket): void {
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    const { limits, log } = this.#options;
    if (this.#clients.size >= limits.maxClients) {
      this.#refuseCrowd(socket);
      return;
    }
    const frameSize = () => this.#start?.message.camera ?? null;
    const client = new StreamClient(socket, {
      limits,
      encoder: this.#encoder,
      log,
      total: this.#total,
      frameSize,
    });
    this.#clients.add(client);
    socket.once('close', (code: number) => {
      this.#clients.delete(client);
      log.info({ code, ...client.flow, clients: this.#clients.size }, 'stream client left');
    });
    log.info({ clients: this.#clients.size }, 'stream client joined');
    if (this.#start) client.offerStart(this.#start.encoded);
    client.offerStatus(this.#options.status());
  }

  /** A browser shows no HTTP answer to a refused upgrade, so this one is told on the open socket. */
  #refuseCrowd(socket: WebSocket): void {
    const { maxClients } = this.#options.limits;
    const error = new FlimdError(
      'FLIMD_E_TOO_MANY_CLIENTS',
      `${maxClients} clients have the stream already`,
      {
        value: maxClients,
        expected: 'a free place (stream.maxClients)',
        action: 'close another viewer, or raise the limit',
      },
    );
    socket.on('error', () => socket.terminate());
    dismiss(socket, this.#encoder, error, CloseCode.tryAgainLater);
  }

  #tick(): void {
    for (const client of this.#clients) client.checkProgress();
    this.statusChanged();
  }

  /** Encodes the decay of a pixel once, however many clients watch it. */
  #decayEncoder(frame: OutgoingFrame, decayOf: DecayOf): (x: number, y: number) => Buffer | null {
    const encoded = new Map<number, Buffer | null>();
    return (x, y) => {
      const key = y * frame.width + x;
      if (x >= frame.width || y >= frame.height) return null;
      if (!encoded.has(key)) encoded.set(key, this.#encodeDecay(frame, x, y, decayOf(x, y)));
      return encoded.get(key)!;
    };
  }

  #encodeDecay(frame: OutgoingFrame, x: number, y: number, decay: Uint32Array | null): Buffer | null {
    if (!decay || !this.#start) return null;
    return this.#encoder.encodeBinary({
      type: 'decay',
      series: frame.series,
      frame: frame.frame,
      x,
      y,
      binWidthPs: this.#start.message.camera.binWidthPs,
      counts: new Uint8Array(decay.buffer, decay.byteOffset, decay.byteLength),
    });
  }
}
