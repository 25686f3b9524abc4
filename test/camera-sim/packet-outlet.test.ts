import { describe, expect, it } from 'vitest';
import { ChunkedOutlet } from '../../src/camera-sim/packet-outlet.js';

const chunkBytes = 1000;

function build(limitBytes = 4000) {
  const sent: { chunk: ArrayBuffer; bytes: number }[] = [];
  const outlet = new ChunkedOutlet(
    { transmit: (chunk, bytes) => sent.push({ chunk, bytes }) },
    limitBytes,
    chunkBytes,
  );
  const put = (bytes: number, value = 1) => {
    outlet.reserve(bytes).fill(value);
    outlet.commit(bytes);
  };
  return { outlet, sent, put };
}

describe('the outlet of the virtual camera', () => {
  it('gathers packets until a chunk is full or flushed', () => {
    const { outlet, sent, put } = build();
    put(400, 1);
    put(500, 2);
    expect(sent).toEqual([]);
    put(300, 3);
    expect(sent.map(({ bytes }) => bytes)).toEqual([900]);
    outlet.flush();
    outlet.flush();
    expect(sent.map(({ bytes }) => bytes)).toEqual([900, 300]);
    expect([...new Uint8Array(sent[0]!.chunk, 398, 4)]).toEqual([1, 1, 2, 2]);
  });

  it('has room for what it may still send, and none with all chunks under way', () => {
    const { outlet, sent, put } = build();
    expect([outlet.room, outlet.capacity]).toEqual([4000, 4000]);
    put(100);
    expect(outlet.room).toBe(3900);
    outlet.flush();
    expect(outlet.room).toBe(3000);
    for (let i = 0; i < 3; i++) put(1000);
    outlet.flush();
    expect(outlet.room).toBe(0);
    // A frame that was begun is finished all the same.
    put(1000);
    outlet.flush();
    expect(sent.length).toBe(5);
    expect(outlet.room).toBe(0);
  });

  it('says when room comes back, and uses returned chunks again', () => {
    const { outlet, sent, put } = build();
    let told = 0;
    outlet.onRoom = () => told++;
    put(1000);
    outlet.flush();
    const { chunk } = sent[0]!;
    outlet.recycle(chunk);
    expect(told).toBe(1);
    expect(outlet.room).toBe(4000);
    put(10);
    outlet.flush();
    expect(sent[1]!.chunk).toBe(chunk);
  });

  it('holds everything back in a stall, in order', async () => {
    const { outlet, sent, put } = build();
    put(700, 1);
    outlet.stall(5);
    expect(sent.map(({ bytes }) => bytes)).toEqual([700]);
    put(800, 2);
    put(600, 3);
    outlet.flush();
    expect(sent.length).toBe(1);
    expect(outlet.room).toBe(1000);
    while (sent.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(sent.map(({ bytes }) => bytes)).toEqual([700, 800, 600]);
  });

  it('sends at least two chunks at a time, however low the limit', () => {
    expect(build(1).outlet.capacity).toBe(2000);
  });
});
