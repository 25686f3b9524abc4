import type {
  DaemonStatus,
  EndMessage,
  RunCounters,
  StartMessage,
  StatusMessage,
} from '../../src/protocol/index.js';
import {
  FramePeriod,
  liveness,
  type FlimdClient,
  type LifetimeFrame,
  type Liveness,
} from '../../src/client/index.js';

/**
 * What the viewer knows of the stream: the series, its newest frame, the daemon's status. A new
 * series begins with nothing of the one before.
 */
export class Session {
  start: StartMessage | null = null;
  latest: LifetimeFrame | null = null;
  /** null while the daemon is out of reach. */
  status: DaemonStatus | null = null;
  /** Frames the daemon left out for this viewer because newer ones were there. */
  framesSkipped = 0;
  readonly client: FlimdClient;
  #end: EndMessage | null = null;
  #running = false;
  #period = new FramePeriod();
  readonly #seriesListeners: (() => void)[] = [];

  constructor(client: FlimdClient) {
    this.client = client;
    client.on('connection', () => {
      // What a daemon out of reach last said of itself is not how it is now.
      this.status = null;
    });
    client.on('start', (message) => this.#onStart(message));
    client.on('frame', (frame) => this.#onFrame(frame));
    client.on('end', (message) => this.#onEnd(message));
    client.on('status', (message) => this.#onStatus(message));
  }

  get running(): boolean {
    return this.#running;
  }

  /** The run's counters: final once it has ended. */
  get counters(): RunCounters | null {
    return this.#end?.counters ?? this.status?.series?.counters ?? null;
  }

  /** Ms since a frame was complete at the camera, or arrived where clocks say that this is longer ago. */
  ageMs({ receivedAt, completedAt }: LifetimeFrame, now: number): number {
    return Math.max(now - receivedAt, this.client.daemonTime(now) - completedAt);
  }

  liveness(now: number): Liveness {
    return liveness({
      connected: this.client.connection.name === 'open',
      runState: this.status?.state.name ?? null,
      running: this.#running,
      newest:
        this.latest === null
          ? null
          : { silentMs: now - this.latest.receivedAt, ageMs: this.ageMs(this.latest, now) },
      framePeriodMs: this.#period.medianMs,
    });
  }

  /** Called when a series begins, before its first frame. */
  onSeries(listener: () => void): void {
    this.#seriesListeners.push(listener);
  }

  #onStart(message: StartMessage): void {
    const sameSeries = this.start?.uid === message.uid;
    this.start = message;
    this.#running = true;
    this.#end = null;
    if (sameSeries) return;
    this.latest = null;
    this.#period = new FramePeriod();
    for (const listener of this.#seriesListeners) listener();
  }

  #onFrame(frame: LifetimeFrame): void {
    this.latest = frame;
    this.#period.add(frame.receivedAt);
  }

  #onEnd(message: EndMessage): void {
    if (message.uid !== this.start?.uid) return;
    this.#end = message;
    this.#running = false;
  }

  #onStatus({ status, client }: StatusMessage): void {
    this.status = status;
    this.framesSkipped = client.framesSkipped;
    // The series may have ended while this client was away.
    if (status.series?.uid !== this.start?.uid) this.#running = false;
  }
}
