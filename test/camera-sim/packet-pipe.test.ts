import { describe, expect, it } from 'vitest';
import { PacketPipe } from '../../src/camera-sim/usbip/packet-pipe.js';

const PACKET_BYTES = 512;

function build() {
  const pipe = new PacketPipe(PACKET_BYTES);
  const ended: string[] = [];
  const released: number[] = [];
  let next = 1;
  /** Submits a read; how it ended comes as "number: status, bytes". */
  const read = (bytes: number): number => {
    const sequence = next++;
    pipe.submit({
      sequence,
      bytes,
      complete: (status, parts = [], sent) => {
        const data = parts.flatMap((part) => [...part]);
        ended.push(`${sequence}: ${status}, ${data.length}${data.length > 0 ? ` of ${data[0]}` : ''}`);
        sent?.();
      },
    });
    return sequence;
  };
  let chunks = 0;
  const push = (bytes: number, flushed: boolean): void => {
    const number = ++chunks;
    pipe.push({ bytes: new Uint8Array(bytes).fill(number), flushed, release: () => released.push(number) });
  };
  return { pipe, ended, released, read, push };
}

describe('the bulk IN endpoint of the virtual camera', () => {
  it('joins chunks that no flush separates', () => {
    const { ended, released, read, push } = build();
    read(2048);
    push(700, false);
    push(700, false);
    expect(ended).toEqual([]);
    push(700, true);
    read(2048);
    expect(ended).toEqual(['1: 0, 2048 of 1', '2: 0, 52 of 3']);
    expect(released).toEqual([1, 2, 3]);
  });

  it('ends a transfer early at a flush, by a short packet', () => {
    const { ended, read, push } = build();
    push(700, true);
    push(300, true);
    read(2048);
    read(2048);
    expect(ended).toEqual(['1: 0, 700 of 1', '2: 0, 300 of 2']);
  });

  it('ends whole packets by an empty one: in the transfer they partly fill, or alone behind one that is full', () => {
    const { ended, read, push } = build();
    read(2048);
    push(1024, true);
    expect(ended).toEqual(['1: 0, 1024 of 1']);
    push(1024, true);
    read(1024);
    read(1024);
    push(100, true);
    read(1024);
    expect(ended.slice(1)).toEqual(['2: 0, 1024 of 2', '3: 0, 0', '4: 0, 100 of 3']);
  });

  it('counts packets from the last short one, not from the chunk', () => {
    const { ended, read, push } = build();
    push(300, false);
    push(212, true);
    read(512);
    read(512);
    expect(ended).toEqual(['1: 0, 512 of 1', '2: 0, 0']);
  });

  it('gives a chunk back when its last byte has left, not before', () => {
    const { released, read, push } = build();
    push(1500, true);
    read(512);
    read(512);
    expect(released).toEqual([]);
    read(512);
    expect(released).toEqual([1]);
  });

  it('takes back a read that is empty, and answers one that holds bytes', () => {
    const { pipe, ended, read, push } = build();
    const empty = read(1024);
    expect(pipe.cancel(empty)).toBe(true);
    const begun = read(1024);
    push(600, false);
    expect(pipe.cancel(begun)).toBe(false);
    expect(ended).toEqual(['2: 0, 600 of 1']);
    expect(pipe.cancel(99)).toBe(false);
  });

  it('forgets what was queued when the channel closes, and keeps the reads', () => {
    const { pipe, ended, read, push } = build();
    read(1024);
    push(600, false);
    pipe.clear();
    push(100, true);
    expect(ended).toEqual(['1: 0, 100 of 2']);
  });
});
