import { constants } from 'node:os';
import type { HistogramInjector } from '../histogram-injector.js';
import { MAX_TRANSFER_BYTES } from './fuse-protocol.js';
import type { Call, Node, OpenNode } from './fuse-nodes.js';
import { POLLOUT } from './stream-node.js';

const { errno } = constants;

/**
 * `h2c_0`, the streaming channel to the device: one write is one transfer. FUSE cuts a write into pieces of 1 MiB; a
 * piece at position 0 begins a transfer, and one that is not full, or fills up the frame, ends it. Without room a
 * write waits `timeoutMs`.
 */
export class InjectionNode implements Node {
  private readonly waiting: { call: Call; data: Uint8Array; timer: NodeJS.Timeout | null }[] = [];
  /** Bytes of the transfer under way. */
  private transferred = 0;

  constructor(
    readonly name: string,
    private readonly injector: HistogramInjector,
    private readonly timeoutMs: number,
  ) {}

  open(): OpenNode {
    return {
      read: (call) => call.fail(errno.EINVAL),
      write: (call, data) => this.write(call, data),
      poll: () => (this.injector.hasRoom ? POLLOUT : 0),
      release: () => {},
    };
  }

  /** There may be room again. */
  pump(): void {
    while (this.waiting.length > 0 && this.injector.hasRoom) {
      const { call, data, timer } = this.waiting.shift()!;
      if (timer) clearTimeout(timer);
      this.take(call, data);
    }
  }

  private write(call: Call, data: Buffer): void {
    if (this.injector.hasRoom) return this.take(call, data);
    const timer =
      this.timeoutMs > 0 ? setTimeout(() => this.drop(call, errno.ETIMEDOUT), this.timeoutMs) : null;
    call.onInterrupt = () => this.drop(call, errno.EINTR);
    this.waiting.push({ call, data: Uint8Array.from(data), timer });
  }

  private take(call: Call, data: Uint8Array): void {
    const { frameBytes } = this.injector;
    if (call.position === 0) this.transferred = 0;
    this.transferred += data.length;
    const last = data.length < MAX_TRANSFER_BYTES || this.transferred === frameBytes;
    this.injector.take(data, last);
    call.taken(data.length);
  }

  private drop(call: Call, error: number): void {
    const at = this.waiting.findIndex((each) => each.call === call);
    const [dropped] = this.waiting.splice(at, 1);
    if (dropped?.timer) clearTimeout(dropped.timer);
    call.fail(error);
  }
}
