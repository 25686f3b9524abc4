import { constants } from 'node:os';
import { NOBODY } from '../../protocol/registers.js';
import { unlessRefused } from '../register-file.js';
import type { Call, Node, OpenNode } from './fuse-nodes.js';
import { POLLIN, POLLOUT } from './stream-node.js';

const { errno } = constants;
const WORD_BYTES = 4;

export interface WordSpace {
  /** Throws a Refusal. */
  read(address: number): number;
  write(address: number, value: number): void;
}

/** `user` and `control`: registers, one aligned word of 4 bytes a call; anything else is EPROTO. */
export class RegisterNode implements Node {
  constructor(
    readonly name: string,
    private readonly words: WordSpace,
  ) {}

  open(): OpenNode {
    return {
      read: (call) => accepted(call) && call.give([this.word(call.position)]),
      write: (call, data) => {
        if (!accepted(call)) return;
        // Posted: that the device refuses does not come back.
        unlessRefused(() => this.words.write(call.position, data.readUInt32LE(0)), undefined);
        call.taken(WORD_BYTES);
      },
      poll: () => POLLIN | POLLOUT,
      release: () => {},
    };
  }

  private word(address: number): Uint8Array {
    const value = unlessRefused(() => this.words.read(address), NOBODY);
    return new Uint8Array(Uint32Array.of(value).buffer);
  }
}

function accepted(call: Call): boolean {
  const sound = call.bytes === WORD_BYTES && call.position % WORD_BYTES === 0;
  if (!sound) call.fail(errno.EPROTO);
  return sound;
}

/** `events_0`: a read of 4 bytes waits for an interrupt and gives how many there were since the last one. */
export class EventNode implements Node {
  private count = 0;
  private readonly calls: Call[] = [];
  private readonly wakes: (() => void)[] = [];

  constructor(readonly name: string) {}

  raise(): void {
    this.count++;
    this.pump();
    for (const wake of this.wakes.splice(0)) wake();
  }

  open(): OpenNode {
    return {
      read: (call) => this.read(call),
      write: (call) => call.fail(errno.EINVAL),
      poll: (wake) => {
        if (this.count > 0) return POLLIN;
        this.wakes.push(wake);
        return 0;
      },
      release: () => {},
    };
  }

  private read(call: Call): void {
    if (call.bytes !== WORD_BYTES) return call.fail(errno.EPROTO);
    call.onInterrupt = () => {
      this.calls.splice(this.calls.indexOf(call), 1);
      call.fail(errno.EINTR);
    };
    this.calls.push(call);
    this.pump();
  }

  private pump(): void {
    if (this.count === 0) return;
    const call = this.calls.shift();
    if (!call) return;
    const count = this.count;
    this.count = 0;
    call.give([new Uint8Array(Uint32Array.of(count).buffer)]);
  }
}
