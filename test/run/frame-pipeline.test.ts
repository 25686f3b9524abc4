import { describe, expect, it } from 'vitest';
import type { PublishedFrame } from '../../src/acquisition/acquisition.js';
import { FramePipeline } from '../../src/run/frame-pipeline.js';

const frame = (slot: number): PublishedFrame => ({
  slot,
  series: 1,
  frame: slot,
  complete: true,
  hasLifetimes: false,
  hasHistograms: true,
  startTicks: 0,
  endTicks: 0,
});

describe('FramePipeline', () => {
  it('runs frames one at a time, in order, and releases each after its stage', async () => {
    const log: string[] = [];
    const pipeline = new FramePipeline(
      async ({ slot }) => {
        log.push(`begin ${slot}`);
        await new Promise((resolve) => setTimeout(resolve, 5 - slot));
        log.push(`end ${slot}`);
      },
      (slot) => log.push(`release ${slot}`),
      () => log.push('failed'),
    );
    for (const slot of [0, 1, 2]) pipeline.push(frame(slot));
    await pipeline.drained();
    expect(log).toEqual([0, 1, 2].flatMap((slot) => [`begin ${slot}`, `end ${slot}`, `release ${slot}`]));
  });

  it('releases the buffer of a frame whose stage fails and goes on', async () => {
    const released: number[] = [];
    const failures: number[] = [];
    const pipeline = new FramePipeline(
      async ({ slot }) => {
        if (slot === 0) throw new Error('no');
      },
      (slot) => released.push(slot),
      (_, { slot }) => failures.push(slot),
    );
    pipeline.push(frame(0));
    pipeline.push(frame(1));
    await pipeline.drained();
    expect(failures).toEqual([0]);
    expect(released).toEqual([0, 1]);
  });

  it('takes frames that come while it waits for its end', async () => {
    const seen: number[] = [];
    const pipeline = new FramePipeline(
      async ({ slot }) => {
        seen.push(slot);
        if (slot < 3) pipeline.push(frame(slot + 1));
      },
      () => {},
      () => {},
    );
    pipeline.push(frame(0));
    await pipeline.drained();
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});
