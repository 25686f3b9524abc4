import type { DaemonStatus } from '../protocol/stream.js';

/** A message that waits for its client; a frame brings the decay of the watched pixel along. */
export type Outgoing =
  | { kind: 'start' | 'frame' | 'end' | 'reply'; parts: readonly Buffer[] }
  | { kind: 'status'; status: DaemonStatus };

/** Answers that may wait; a client that asks for more without reading them is misbehaving. */
const MAX_REPLIES = 16;

/**
 * What one client has yet to be sent under the policy `latest`: messages keep their order, but of frames and of
 * status messages only the newest waits, and of series only the newest. So it holds at most one frame, one status,
 * two ends, one start and 16 replies, however slow the client is.
 */
export class Outbox {
  #waiting: Outgoing[] = [];

  /** `skipped` hears of every frame that a newer one, or the end of its client, has replaced. */
  constructor(private readonly skipped: (bytes: number) => void) {}

  get bytes(): number {
    return this.#waiting.reduce((sum, entry) => sum + bytesOf(entry), 0);
  }

  take(): Outgoing | undefined {
    return this.#waiting.shift();
  }

  putStart(start: Buffer): void {
    this.#dropFrame();
    // A series whose start still waits is one the client never heard of, and never will.
    const unheard = this.#waiting.findIndex((entry) => entry.kind === 'start');
    if (unheard >= 0) {
      this.#waiting = this.#waiting.filter(
        ({ kind }, at) => at < unheard || (kind !== 'start' && kind !== 'end'),
      );
    }
    this.#waiting.push({ kind: 'start', parts: [start] });
  }

  putFrame(parts: readonly Buffer[]): void {
    this.#dropFrame();
    this.#waiting.push({ kind: 'frame', parts });
  }

  putEnd(end: Buffer): void {
    this.#waiting.push({ kind: 'end', parts: [end] });
  }

  putStatus(status: DaemonStatus): void {
    this.#waiting = this.#waiting.filter((entry) => entry.kind !== 'status');
    this.#waiting.push({ kind: 'status', status });
  }

  /** False where too many replies wait already. */
  putReply(reply: Buffer): boolean {
    if (this.#waiting.filter((entry) => entry.kind === 'reply').length >= MAX_REPLIES) return false;
    this.#waiting.push({ kind: 'reply', parts: [reply] });
    return true;
  }

  clear(): void {
    this.#dropFrame();
    this.#waiting = [];
  }

  #dropFrame(): void {
    const at = this.#waiting.findIndex((entry) => entry.kind === 'frame');
    if (at < 0) return;
    const [dropped] = this.#waiting.splice(at, 1);
    this.skipped(bytesOf(dropped!));
  }
}

function bytesOf(entry: Outgoing): number {
  return entry.kind === 'status' ? 0 : entry.parts.reduce((sum, part) => sum + part.length, 0);
}
