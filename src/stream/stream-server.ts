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
import { type Deconvolver, noDeconvolution } from './decay-watch.js';
import { DeconvolutionBudget } from './deconvolution-budget.js';
import { type DecayOf, frameSums } from './frame-sums.js';
import type { StreamLimits } from './limits.js';
import { MessageEncoder } from './message-encoder.js';
import { type PlaneChoice, readPlaneChoice } from './plane-choice.js';
import { CloseCode, dismiss, refuseUpgrade } from './refuse.js';
import { StreamClient, type FrameFlow } from './stream-client.js';

/** A frame as the daemon has it; the stream adds when it was sent. */
export type OutgoingFrame = Omit<FrameMessage, 'sentAt'>;

export interface StreamServerOptions {
  limits: StreamLimits;
  status: () => DaemonStatus;
  log: BaseLogger;
  /** For what is bounded in time, ms, monotonic. Default performance.now. */
  clock?: () => number;
}

/**
 * The live stream: every frame is encoded once for each choice of planes and offered to every client (RFC 6455,
 * subprotocol `flimd.v1`).
 * It owns no listening socket; the HTTP server passes it the upgrade requests it has let through.
 */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #sockets: WebSocketServer;
  readonly #encoder = new MessageEncoder();
  readonly #clients = new Set<StreamClient>();
  readonly #connections = new Set<WebSocket>();
  readonly #clock: () => number;
  readonly #deconvolutions: DeconvolutionBudget;
  readonly #total: FrameFlow & { framesEncoded: number; bytesSent: number } = {
    framesEncoded: 0,
    framesSent: 0,
    framesSkipped: 0,
    bytesSent: 0,
  };
  readonly #timers: NodeJS.Timeout[];
  #start: {
    message: StartMessage;
    encoded: (planes: PlaneChoice) => Buffer;
    deconvolve: Deconvolver | null;
  } | null = null;

  constructor(options: StreamServerOptions) {
    const { maxMessageBytes, statusIntervalMs, heartbeatMs } = options.limits;
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#deconvolutions = new DeconvolutionBudget(this.#clock);
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
      this.#sockets.handleUpgrade(request, socket, head, (connection) =>
        this.#connected(connection, request.url),
      );
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

  /** @param deconvolve left out where the series has no decoder */
  seriesStarted(message: StartMessage, deconvolve: Deconvolver | null = null): void {
    const encoded = oncePerChoice((choice) => {
      const planes = message.planes.filter(({ name }) => choice.has(name));
      return this.#encoder.encodePlain({ ...message, planes });
    });
    this.#start = { message, encoded, deconvolve };
    for (const client of this.#clients) client.offerStart(encoded(client.planes));
  }

  /** Encodes the frame, which copies the planes that a client wants, and offers it to every client. */
  publish(frame: OutgoingFrame, decayOf?: DecayOf): void {
    if (this.#clients.size === 0) return;
    const encoded = this.#frameEncoder(frame);
    const decay = decayOf ? this.#decayEncoder(frame, frameSums(frame, decayOf, this.#clock)) : () => null;
    for (const client of this.#clients) client.offerFrame(encoded(client.planes), decay(client));
    this.#rotateClients();
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

  #connected(socket: WebSocket, url: string | undefined): void {
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    try {
      this.#checkRoom();
      this.#welcome(socket, readPlaneChoice(url));
    } catch (error) {
      if (!(error instanceof FlimdError)) throw error;
      this.#refuse(socket, error);
    }
  }

  #welcome(socket: WebSocket, planes: PlaneChoice): void {
    const { limits, log } = this.#options;
    const frameSize = () => this.#start?.message.camera ?? null;
    const client = new StreamClient(socket, {
      limits,
      planes,
      encoder: this.#encoder,
      log,
      total: this.#total,
      deconvolutions: this.#deconvolutions,
      frameSize,
    });
    this.#clients.add(client);
    socket.once('close', (code: number) => {
      this.#clients.delete(client);
      log.info({ code, ...client.flow, clients: this.#clients.size }, 'stream client left');
    });
    log.info({ clients: this.#clients.size }, 'stream client joined');
    if (this.#start) client.offerStart(this.#start.encoded(planes));
    client.offerStatus(this.#options.status());
  }

  #checkRoom(): void {
    const { maxClients } = this.#options.limits;
    if (this.#clients.size < maxClients) return;
    throw new FlimdError('FLIMD_E_TOO_MANY_CLIENTS', `${maxClients} clients have the stream already`, {
      value: maxClients,
      expected: 'a free place (stream.maxClients)',
      action: 'close another viewer, or raise the limit',
    });
  }

  /** A browser shows no HTTP answer to a refused upgrade, so this one is told on the open socket. */
  #refuse(socket: WebSocket, error: FlimdError): void {
    const full = error.code === 'FLIMD_E_TOO_MANY_CLIENTS';
    socket.on('error', () => socket.terminate());
    dismiss(socket, this.#encoder, error, full ? CloseCode.tryAgainLater : CloseCode.policy);
  }

  #tick(): void {
    for (const client of this.#clients) client.checkProgress();
    this.statusChanged();
  }

  #frameEncoder(frame: OutgoingFrame): (choice: PlaneChoice) => Buffer {
    const sentAt = Date.now();
    return oncePerChoice((choice) => {
      this.#total.framesEncoded++;
      const planes = Object.fromEntries(Object.entries(frame.planes).filter(([name]) => choice.has(name)));
      return this.#encoder.encodeBinary({ ...frame, planes, sentAt });
    });
  }

  /** null where the client watches nothing, or the frame has no decay of it. */
  #decayEncoder(frame: OutgoingFrame, countsOf: DecayOf): (client: StreamClient) => Buffer | null {
    const watching = [...this.#clients].filter(({ watch }) => watch.region !== null).length;
    return ({ watch }) => {
      const counts = watch.region && countsOf(watch.region);
      if (!counts || !this.#start) return null;
      const { message, deconvolve } = this.#start;
      return this.#encoder.encodeBinary({
        type: 'decay',
        series: frame.series,
        frame: frame.frame,
        ...watch.region!,
        binWidthPs: message.camera.binWidthPs,
        counts: new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength),
        ...(deconvolve
          ? watch.add(counts, deconvolve, watching)
          : noDeconvolution(message.deconvolvedReason)),
      });
    };
  }

  /** The first client of a frame is the last of the next, so that the time for decays runs out for all in turn. */
  #rotateClients(): void {
    const [first] = this.#clients;
    this.#clients.delete(first!);
    this.#clients.add(first!);
  }
}

function oncePerChoice(encode: (choice: PlaneChoice) => Buffer): (choice: PlaneChoice) => Buffer {
  const encoded = new Map<PlaneChoice, Buffer>();
  return (choice) => {
    const known = encoded.get(choice);
    if (known) return known;
    const buffer = encode(choice);
    encoded.set(choice, buffer);
    return buffer;
  };
}
