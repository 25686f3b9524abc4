import type { ByteChannel, ChannelEvents } from '../../link/index.js';
import { FlimdError } from '../../protocol/errors.js';
import {
  encodeSlowControlFrame,
  type SlowControlFrame,
  SlowControlFrameReader,
} from '../../protocol/slow-control-frame.js';
import {
  SLOW_CONTROL_ANSWER,
  SLOW_CONTROL_VERSION,
  SlowControlOperation,
  type SlowControlOperationName,
} from '../../protocol/slow-control.js';

export interface RequestLimits {
  /** Longest wait for one answer, ms. */
  timeoutMs: number;
  /** How often a request that stays unanswered is sent again. */
  retries: number;
}

/** Opens the bytes of a serial port. */
export type OpenBytes = (events: ChannelEvents) => Promise<ByteChannel>;

interface Waiting {
  sequence: number;
  operation: number;
  answered(body: Uint8Array): void;
  failed(error: FlimdError): void;
}

export interface RequestCounters {
  requests: number;
  /** Requests sent again because no sound answer came in time. */
  retries: number;
  /** Requests given up. */
  timeouts: number;
  /** Sound frames that answer no request that waits. */
  strayAnswers: number;
  /** Stretches of bytes that were no sound frame. */
  framesInvalid: number;
}

export const emptyRequestCounters = (): RequestCounters => ({
  requests: 0,
  retries: 0,
  timeouts: 0,
  strayAnswers: 0,
  framesInvalid: 0,
});

/**
 * Requests and their answers over a line that loses, cuts and changes bytes: one request at a time, sent again under
 * the same number until its answer comes. Every operation may be carried out twice without harm, so a lost answer
 * costs nothing but time.
 */
export class RequestLine {
  #channel: ByteChannel | null = null;
  #sequence = 0;
  #waiting: Waiting | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #lost: FlimdError | null = null;
  readonly #reader = new SlowControlFrameReader(
    (frame) => this.#take(frame),
    () => this.counters.framesInvalid++,
  );

  private constructor(
    private readonly where: string,
    private readonly limits: RequestLimits,
    private readonly onLost: (error: FlimdError) => void,
    readonly counters: RequestCounters,
  ) {}

  /**
   * @param counters of earlier lines to the same port, to count on from there
   * @throws what `open` throws
   */
  static async open(
    where: string,
    open: OpenBytes,
    limits: RequestLimits,
    onLost: (error: FlimdError) => void,
    counters = emptyRequestCounters(),
  ): Promise<RequestLine> {
    const line = new RequestLine(where, limits, onLost, counters);
    line.#channel = await open({
      onBytes: (bytes) => line.#reader.push(bytes),
      onLost: (error) => line.#breakOff(error),
    });
    return line;
  }

  /**
   * The body of the answer, its result byte first.
   * @throws FlimdError FLIMD_E_LINK_TIMEOUT, FLIMD_E_LINK_LOST, FLIMD_E_NOT_A_CAMERA for another protocol version
   */
  ask(operation: SlowControlOperationName, body: Uint8Array): Promise<Uint8Array> {
    const asked = this.#queue.then(() => this.#ask(SlowControlOperation[operation], body));
    this.#queue = asked.catch(() => {});
    return asked;
  }

  async close(): Promise<void> {
    this.#lost ??= new FlimdError('FLIMD_E_LINK_LOST', `${this.where} has been closed`);
    this.#waiting?.failed(this.#lost);
    await this.#channel?.close();
  }

  async #ask(operation: number, body: Uint8Array): Promise<Uint8Array> {
    this.counters.requests++;
    const sequence = (this.#sequence = (this.#sequence + 1) & 0xff);
    const bytes = encodeSlowControlFrame({ sequence, operation, body });
    for (let tries = 0; tries <= this.limits.retries; tries++) {
      if (this.#lost) throw this.#lost;
      if (tries > 0) this.counters.retries++;
      const answer = await this.#once(sequence, operation, bytes);
      if (answer) return answer;
    }
    this.counters.timeouts++;
    throw this.#silence();
  }

  /** null where no answer came in time. */
  #once(sequence: number, operation: number, bytes: Uint8Array): Promise<Uint8Array | null> {
    return new Promise<Uint8Array | null>((resolve, reject) => {
      const timer = setTimeout(() => resolve(null), this.limits.timeoutMs);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        end();
      };
      this.#waiting = {
        sequence,
        operation,
        answered: (body) => settle(() => resolve(body)),
        failed: (error) => settle(() => reject(error)),
      };
      this.#channel?.send(bytes);
    }).finally(() => (this.#waiting = null));
  }

  #take({ version, sequence, operation, body }: SlowControlFrame): void {
    const waiting = this.#waiting;
    if (waiting?.sequence !== sequence || operation !== (waiting.operation | SLOW_CONTROL_ANSWER)) {
      this.counters.strayAnswers++;
    } else if (version !== SLOW_CONTROL_VERSION) {
      waiting.failed(this.#otherVersion(version));
    } else {
      // The same answer may come twice in one piece.
      this.#waiting = null;
      // The reader uses its buffer again.
      waiting.answered(body.slice());
    }
  }

  #breakOff(error: FlimdError): void {
    this.#lost = error;
    this.#waiting?.failed(error);
    this.onLost(error);
  }

  #silence(): FlimdError {
    const { timeoutMs, retries } = this.limits;
    return new FlimdError('FLIMD_E_LINK_TIMEOUT', `the slow control at ${this.where} does not answer`, {
      value: this.where,
      expected: `a sound answer within ${timeoutMs} ms, asked ${retries + 1} times`,
      action: 'is the camera on, and is this its slow-control port at 115200 baud?',
    });
  }

  #otherVersion(version: number): FlimdError {
    return new FlimdError('FLIMD_E_NOT_A_CAMERA', `the slow control speaks version ${version}`, {
      value: version,
      expected: `version ${SLOW_CONTROL_VERSION}`,
      action: 'update the firmware of the camera, or flimd',
    });
  }
}
