import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createMemoryLink,
  type DataReply,
  type MemoryTarget,
  openControlChannel,
  openDataChannel,
} from '../../src/link/index.js';
import type { FlimdError } from '../../src/protocol/errors.js';
import { CollectingSink } from './collecting-sink.js';

const greeting = new TextEncoder().encode('hello');
const text = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString();
const unexpected = (error: FlimdError): never => {
  throw error;
};

let target: MemoryTarget;
let device: { control: MessagePort; data: MessagePort };
let heard: ArrayBuffer[];
let replies: DataReply[];

beforeEach(() => {
  ({ target, device } = createMemoryLink());
  heard = [];
  replies = [];
  device.control.on('message', (bytes: ArrayBuffer) => heard.push(bytes));
  device.data.on('message', (reply: DataReply) => replies.push(reply));
});
afterEach(() => {
  device.control.close();
  device.data.close();
});

const chunkOf = (words: string, room = 64): { chunk: ArrayBuffer; bytes: number } => {
  const chunk = new ArrayBuffer(room);
  new Uint8Array(chunk).set(Buffer.from(words));
  return { chunk, bytes: words.length };
};

describe('memory control channel', () => {
  it('carries bytes both ways, the greeting first, and leaves the sender its buffer', async () => {
    const answers: string[] = [];
    const channel = await openControlChannel(target, greeting, {
      onBytes: (bytes) => answers.push(text(bytes)),
      onLost: unexpected,
    });
    const request = new TextEncoder().encode('-request-').subarray(1, 8);
    channel.send(request);
    await vi.waitUntil(() => heard.length === 2);
    expect(heard.map((bytes) => text(bytes))).toEqual(['hello', 'request']);
    expect(text(request)).toBe('request');
    expect(text(greeting)).toBe('hello');
    device.control.postMessage(new TextEncoder().encode('answer').buffer);
    await vi.waitUntil(() => answers.length === 1);
    expect(answers).toEqual(['answer']);
    await channel.close();
  });

  it('reports the loss of the device once, not its own end', async () => {
    const onLost = vi.fn();
    await openControlChannel(target, greeting, { onBytes: () => {}, onLost });
    device.control.close();
    await vi.waitUntil(() => onLost.mock.calls.length > 0);
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(onLost.mock.calls[0]![0]).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });

    const second = createMemoryLink();
    const notLost = vi.fn();
    const channel = await openControlChannel(second.target, greeting, { onBytes: () => {}, onLost: notLost });
    await channel.close();
    expect(notLost).not.toHaveBeenCalled();
  });
});

describe('memory data channel', () => {
  it('pours chunks into the sink, however small its room, and gives them back', async () => {
    const sink = new CollectingSink(3);
    const channel = await openDataChannel(target, greeting, sink, unexpected);
    const first = chunkOf('first chunk ');
    const second = chunkOf('second chunk', 1000);
    device.data.postMessage(first, [first.chunk]);
    device.data.postMessage(second, [second.chunk]);
    expect(text(await sink.has(24))).toBe('first chunk second chunk');
    await vi.waitUntil(() => replies.length === 3);
    const [hello, ...returned] = replies as [{ greeting: ArrayBuffer }, ...{ recycle: ArrayBuffer }[]];
    expect(text(hello.greeting)).toBe('hello');
    expect(returned.map(({ recycle }) => recycle.byteLength)).toEqual([64, 1000]);
    await channel.close();
  });

  it('reports the loss of the device after what came before it', async () => {
    const onLost = vi.fn();
    const sink = new CollectingSink();
    await openDataChannel(target, greeting, sink, onLost);
    const last = chunkOf('last words');
    device.data.postMessage(last, [last.chunk]);
    device.data.close();
    await vi.waitUntil(() => onLost.mock.calls.length > 0);
    expect(text(sink.bytes)).toBe('last words');
  });
});
