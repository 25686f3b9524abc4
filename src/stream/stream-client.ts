import type { BaseLogger } from 'pino';
import { WebSocket, type RawData } from 'ws';
import { FlimdError, errorBody } from '../protocol/errors.js';
import type { ClientMessage, DaemonStatus } from '../protocol/stream.js';
import { readClientMessage } from './client-message.js';
import { DecayWatch, type PixelRegion } from './decay-watch.js';
import type { DeconvolutionBudget } from './deconvolution-budget.js';
import type { StreamLimits } from './limits.js';
import type { MessageEncoder } from './message-encoder.js';
import { Outbox, type Outgoing } from './outbox.js';
import type { PlaneChoice } from './plane-choice.js';
import { CloseCode, closeSoon, dismiss, terminateSoon } from './refuse.js';
import { TokenBucket } from './token-bucket.js';

/** Frames handed to sockets, and frames withheld because a newer one came first. */
export interface FrameFlow {
  framesSent: number;
  framesSkipped: number;
}

export interface StreamClientOptions {
  limits: StreamLimits;
  /** Of every frame. */
  planes: PlaneChoice;
  encoder: MessageEncoder;
  log: BaseLogger;
  /** Flow of all clients, ever; this client's is added to it. */
  total: FrameFlow & { bytesSent: number };
  /** Of all clients. */
  deconvolutions: DeconvolutionBudget;
  /** Width and height of the frames now flowing; null between series. */
  frameSize: () => { width: number; height: number } | null;
}

/**
 * One subscription, policy `latest`: frames pause above the high-water mark of unsent bytes and resume at the low
 * one with the newest frame; nothing overtakes, skips are counted, and what waits is bounded (see Outbox).
 */
export class StreamClient {
  readonly flow: FrameFlow = { framesSent: 0, framesSkipped: 0 };
  /** Whose decay goes with every frame. */
  readonly watch: DecayWatch;

  readonly #outbox = new Outbox((bytes) => this.#skipped(bytes));
  readonly #rate: TokenBucket;
  #pausedSince: number | null = null;
  #skippedBytesWhilePaused = 0;
  #answersPings = true;
  #dismissed = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: StreamClientOptions,
  ) {
    this.watch = new DecayWatch(options.deconvolutions);
    this.#rate = new TokenBucket(options.limits.messagesPerSecond);
    socket.on('message', (bytes, isBinary) => this.#received(bytes, isBinary));
    socket.on('ping', (payload) => this.#pinged(payload));
    socket.on('pong', () => this.#ponged());
    socket.on('error', (error) => this.#failed(error));
    socket.once('close', () => this.#outbox.clear());
  }

  get planes(): PlaneChoice {
    return this.options.planes;
  }

  offerStart(start: Buffer): void {
    this.watch.begin(this.watch.region);
    this.#offer(() => this.#outbox.putStart(start));
  }

  offerFrame(frame: Buffer, decay: Buffer | null): void {
    this.#offer(() => this.#outbox.putFrame(decay ? [frame, decay] : [frame]));
  }

  offerEnd(end: Buffer): void {
    this.#offer(() => this.#outbox.putEnd(end));
  }

  offerStatus(status: DaemonStatus): void {
    this.#offer(() => this.#outbox.putStatus(status));
  }

  /** Pings the client, and disconnects it if it left the ping before unanswered. */
  beat(): void {
    if (this.#dismissed) return;
    if (!this.#answersPings) {
      this.options.log.warn('a stream client does not answer; disconnecting it');
      this.socket.terminate();
      return;
    }
    this.#answersPings = false;
    this.socket.ping();
  }

  /** Disconnects the client if it has been paused, and too far behind, for too long. */
  checkProgress(): void {
    const { stuckBytes, stuckMs } = this.options.limits;
    if (this.#dismissed || this.#pausedSince === null) return;
    if (performance.now() - this.#pausedSince < stuckMs) return;
    const behindBytes = this.socket.bufferedAmount + this.#outbox.bytes + this.#skippedBytesWhilePaused;
    if (behindBytes <= stuckBytes) return;
    this.#dismiss(
      new FlimdError('FLIMD_E_SLOW_CLIENT', `the client did not keep up for ${stuckMs} ms`, {
        value: `${behindBytes} bytes behind`,
        expected: `at most ${stuckBytes} (stream.stuckBytes)`,
        action: 'read faster, or reconnect over a faster link',
      }),
      CloseCode.tryAgainLater,
    );
  }

  close(reason: string): void {
    this.#dismissed = true;
    this.#outbox.clear();
    closeSoon(this.socket, CloseCode.goingAway, reason);
  }

  #offer(put: () => void): void {
    if (this.#dismissed || this.socket.readyState !== WebSocket.OPEN) return;
    put();
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#pausedSince === null) {
      const next = this.#outbox.take();
      if (!next) return;
      this.#send(next);
    }
  }

  #send(entry: Outgoing): void {
    if (entry.kind === 'frame') {
      this.flow.framesSent++;
      this.options.total.framesSent++;
    }
    for (const part of entry.kind === 'status' ? [this.#encodeStatus(entry.status)] : entry.parts) {
      this.options.total.bytesSent += part.length;
      this.socket.send(part, this.#flushed);
    }
    if (this.socket.bufferedAmount > this.options.limits.highWaterBytes) {
      this.#pausedSince = performance.now();
      this.#skippedBytesWhilePaused = 0;
    }
  }

  /** The kernel has taken a message: the last one of a pause finds the low-water mark reached. */
  readonly #flushed = (): void => {
    if (this.#dismissed || this.#pausedSince === null) return;
    if (this.socket.bufferedAmount > this.options.limits.lowWaterBytes) return;
    this.#pausedSince = null;
    this.#sendWaiting();
  };

  #encodeStatus(status: DaemonStatus): Buffer {
    const client = { ...this.flow, policy: 'latest' as const };
    return this.options.encoder.encodePlain({ type: 'status', status, client });
  }

  #skipped(bytes: number): void {
    this.flow.framesSkipped++;
    this.options.total.framesSkipped++;
    this.#skippedBytesWhilePaused += bytes;
  }

  #received(bytes: RawData, isBinary: boolean): void {
    if (!this.#withinRate()) return;
    try {
      this.#answer(readClientMessage(bytes as Buffer, isBinary));
    } catch (error) {
      this.#reply(this.options.encoder.encodePlain({ type: 'error', error: errorBody(error) }));
    }
  }

  #answer(message: ClientMessage): void {
    if (message.type === 'clock') {
      const { clientTime } = message;
      this.#reply(this.options.encoder.encodePlain({ type: 'clock', clientTime, serverTime: Date.now() }));
      return;
    }
    if (message.x === null) {
      this.watch.begin(null);
      return;
    }
    const { x, y, width = 1, height = 1 } = message;
    this.#checkInFrame({ x, y, width, height });
    this.watch.begin({ x, y, width, height });
  }

  #checkInFrame({ x, y, width, height }: PixelRegion): void {
    const size = this.options.frameSize();
    if (!size || (x + width <= size.width && y + height <= size.height)) return;
    const last = { x: x + width - 1, y: y + height - 1 };
    throw new FlimdError('FLIMD_E_REQUEST', `there is no pixel (${last.x}, ${last.y})`, {
      value: last,
      expected: `x below ${size.width} and y below ${size.height}`,
    });
  }

  #reply(reply: Buffer): void {
    if (this.#outbox.putReply(reply)) this.#sendWaiting();
    else this.#tooMuch('the client does not read the answers it asks for');
  }

  #pinged(payload: Buffer): void {
    // A paused client gets no pongs, so that pings cannot fill the memory of one that does not read.
    if (this.#withinRate() && this.#pausedSince === null) this.socket.pong(payload);
  }

  #ponged(): void {
    if (this.#withinRate()) this.#answersPings = true;
  }

  #withinRate(): boolean {
    if (this.#dismissed) return false;
    if (this.#rate.take()) return true;
    this.#tooMuch('the client sends too many messages');
    return false;
  }

  #tooMuch(message: string): void {
    const expected = `at most ${this.options.limits.messagesPerSecond} messages per second`;
    this.#dismiss(new FlimdError('FLIMD_E_RATE_LIMIT', message, { expected }), CloseCode.policy);
  }

  #dismiss(error: FlimdError, closeCode: number): void {
    this.options.log.warn({ error }, 'disconnecting a stream client');
    this.#dismissed = true;
    this.#outbox.clear();
    dismiss(this.socket, this.options.encoder, error, closeCode);
  }

  /** A broken or oversized WebSocket message; ws has sent the close code (1002, 1009) already. */
  #failed(error: Error): void {
    this.options.log.debug({ reason: error.message }, 'stream client failed');
    terminateSoon(this.socket);
  }
}
