import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openRegisterChannel } from '../../src/link/index.js';
import { describeWithFuse } from './support/fuse.js';
import { SlowRegisters } from './support/slow-registers.js';
import { Opened } from './support/xdma-host.js';

const opened = new Opened();
afterEach(() => opened.close());

async function slowRegisters(): Promise<SlowRegisters> {
  const registers = await SlowRegisters.create();
  opened.add(() => registers.close());
  return registers;
}

const word = (value: number): Uint8Array[] => [new Uint8Array(Uint32Array.of(value).buffer)];

describeWithFuse('a driver that hangs', () => {
  it('never gets the value of one access for another: each has the word to itself', async () => {
    const slow = await slowRegisters();
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

  it('outlives the thread that asked it: its late answer has nobody to go to', async () => {
    const slow = await slowRegisters();
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
