import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openDataChannel, openRegisterChannel } from '../../src/link/index.js';
import { CollectingSink } from '../link/collecting-sink.js';
import { describeWithFuse } from './support/fuse.js';
import { SlowNode } from './support/slow-node.js';
import { Opened } from './support/xdma-host.js';

const opened = new Opened();
afterEach(() => opened.close());

async function slowNode(name: 'user' | 'c2h_0'): Promise<SlowNode> {
  const node = await SlowNode.create(name);
  opened.add(() => node.close());
  return node;
}

const word = (value: number): Uint8Array[] => [new Uint8Array(Uint32Array.of(value).buffer)];

describeWithFuse('a driver that hangs', () => {
  it('never gets the value of one access for another: each has the word to itself', async () => {
    const slow = await slowNode('user');
    const channel = await openRegisterChannel({ kind: 'pcie', device: slow.device }, () => {});
    opened.add(() => channel.close());
    // As after time-outs: nobody waits for the first two any more when the third begins.
    const read = channel.read(0x10, 1);
    const writes = [channel.write(0x20, [0x2222]), channel.write(0x30, [0x3333])];
    await vi.waitUntil(() => slow.waiting.length === 1);
    slow.waiting.shift()!.call.give(word(0x1111));
    expect([...(await read)]).toEqual([0x1111]);
    for (const [position, value] of [
      [0x20, 0x2222],
      [0x30, 0x3333],
    ]) {
      await vi.waitUntil(() => slow.waiting.length === 1);
      const { call, value: written } = slow.waiting.shift()!;
      expect([call.position, written]).toEqual([position, value]);
      call.taken(4);
    }
    await Promise.all(writes);
  });

  it('has let the stream go when its loss is told: who opens it then does not find it taken', async () => {
    const slow = await slowNode('c2h_0');
    const target = { kind: 'pcie', device: slow.device } as const;
    const onLost = vi.fn();
    const channel = await openDataChannel(target, new Uint8Array(), new CollectingSink(), onLost);
    opened.add(() => channel.close());
    await vi.waitUntil(() => slow.waiting.length === 1);
    slow.waiting.shift()!.call.fail(constants.errno.EIO);
    // The next read is under way by then, and hangs.
    await vi.waitUntil(() => slow.waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(onLost).not.toHaveBeenCalled();
    slow.waiting.shift()!.call.fail(constants.errno.EIO);
    await vi.waitUntil(() => onLost.mock.calls.length > 0);
    expect(onLost.mock.calls).toEqual([[expect.objectContaining({ code: 'FLIMD_E_LINK_LOST' })]]);
  });

  it('outlives the thread that asked it: its late answer has nobody to go to', async () => {
    const slow = await slowNode('user');
    const script = path.join(import.meta.dirname, 'support/abandoned-read.mjs');
    const child = spawn(process.execPath, [script, slow.device], { stdio: ['ignore', 'pipe', 'inherit'] });
    opened.add(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(slow.waiting).toHaveLength(1);
    slow.waiting.shift()!.call.give(word(1));
    expect(await exited).toEqual([0, null]);
  });
});
