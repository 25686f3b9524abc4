import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import { slotBytes } from '../../src/acquisition/frame-slot.js';

const geometry = { width: 5, height: 3, bins: 7, histograms: true };
const limits = { poolSlots: 4, poolBytes: 1 << 30, leastSlots: 2 };

describe('FramePool', () => {
  it('gives every slot once, then none, and again what came back', () => {
    const pool = FramePool.allocate(geometry, limits);
    expect([0, 1, 2, 3, 4].map(() => pool.acquire())).toEqual([0, 1, 2, 3, -1]);
    expect(pool.inUse).toBe(4);
    pool.publish(2);
    pool.discard(1);
    expect(pool.acquire()).toBe(1);
    expect(pool.acquire()).toBe(-1);
    expect(pool.release(2)).toBe(true);
    expect(pool.acquire()).toBe(2);
  });

  it('refuses to release what is not published', () => {
    const pool = FramePool.allocate(geometry, limits);
    expect(pool.release(0)).toBe(false);
    pool.acquire();
    expect(pool.release(0)).toBe(false);
    pool.publish(0);
    expect(pool.release(0)).toBe(true);
    expect(pool.release(0)).toBe(false);
    expect(pool.inUse).toBe(0);
  });

  it('has planes of the right size that do not overlap', () => {
    const { slots } = FramePool.allocate(geometry, limits);
    const { device, host, histograms, rowsValid } = slots[0]!;
    const planes = [
      ...[device, host].flatMap((each) => [
        each.lifetimeAmplitude,
        each.lifetimeIntensity,
        each.standardErrorAmplitude,
        each.standardErrorIntensity,
        each.photons,
      ]),
      histograms,
      rowsValid,
    ];
    expect(planes.map((plane) => plane.length)).toEqual([...Array<number>(10).fill(15), 105, 3]);
    planes.forEach((plane, i) => plane.fill(i + 1));
    planes.forEach((plane, i) => expect([...new Set(plane)]).toEqual([i + 1]));
    expect(rowsValid.buffer.byteLength).toBe(slotBytes(geometry));
  });

  it('holds no histograms where none are measured', () => {
    const { slots } = FramePool.allocate({ ...geometry, histograms: false }, limits);
    expect(slots[0]!.histograms).toHaveLength(0);
    expect(slotBytes({ ...geometry, histograms: false })).toBeLessThan(slotBytes(geometry));
  });

  it('takes fewer slots where frames are large, and says when there is no room for enough', () => {
    const bytes = slotBytes(geometry);
    expect(FramePool.allocate(geometry, { ...limits, poolBytes: 3 * bytes }).slots).toHaveLength(3);
    expect(() => FramePool.allocate(geometry, { ...limits, poolBytes: bytes })).toThrow(
      expect.objectContaining({ code: 'FLIMD_E_CONFIG' }),
    );
  });

  it('is one pool in two threads', async () => {
    const pool = FramePool.allocate(geometry, limits);
    const slot = pool.acquire();
    pool.slots[slot]!.rowsValid.fill(9);
    pool.publish(slot);
    const reader = `
      const { workerData: { share, module, slot }, parentPort } = require('node:worker_threads');
      import(module).then(({ FramePool }) => {
        const pool = new FramePool(share);
        const rows = [...pool.slots[slot].rowsValid];
        parentPort.postMessage({ rows, released: pool.release(slot) });
      });`;
    const module = new URL('../../dist/acquisition/frame-pool.js', import.meta.url).href;
    const worker = new Worker(reader, { eval: true, workerData: { share: pool.share, module, slot } });
    const seen = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    expect(seen).toEqual({ rows: [9, 9, 9], released: true });
    expect(pool.inUse).toBe(0);
  });
});
