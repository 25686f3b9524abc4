import { constants } from 'node:os';
import path from 'node:path';
import { FuseMount } from '../../../src/camera-sim/xdma/fuse-mount.js';
import { type Call, FuseNodes, type Node } from '../../../src/camera-sim/xdma/fuse-nodes.js';
import { nodeFolder } from './fuse.js';

/** A node of an XDMA device that answers when it is told to, and is deaf to signals until then, as some drivers are. */
export class SlowNode {
  /** Accesses that wait for an answer, in their order; `value` of a write. */
  readonly waiting: { call: Call; value: number | null }[] = [];
  private mount!: FuseMount;
  private closing = false;

  static async create(name: 'user' | 'c2h_0'): Promise<SlowNode> {
    const node = new SlowNode();
    const { mount } = await FuseMount.create(
      nodeFolder(),
      (to) => new FuseNodes(to, [node.node(`xdma0_${name}`)], 0o600),
    );
    node.mount = mount;
    return node;
  }

  get device(): string {
    return path.join(this.mount.folder, 'xdma0');
  }

  /** Ends what waits: a thread in this process that nobody answers would keep it from ending. */
  close(): Promise<void> {
    this.closing = true;
    for (const { call } of this.waiting) call.fail(constants.errno.ENODEV);
    return this.mount.close();
  }

  private node(name: string): Node {
    const wait = (call: Call, value: number | null): void => {
      if (this.closing) return call.fail(constants.errno.ENODEV);
      call.onInterrupt = () => {};
      this.waiting.push({ call, value });
    };
    const opened = {
      read: (call: Call) => wait(call, null),
      write: (call: Call, data: Buffer) => wait(call, data.readUInt32LE()),
      poll: () => 0,
      release: () => {},
    };
    return { name, open: () => opened };
  }
}
