import { describe, expect, it } from 'vitest';
import { boardNamed, boards } from '../../src/fpga/boards.js';
import {
  coreSizeOf,
  frameBudget,
  laneBudget,
  laneCounts,
  mostLanes,
  unrollFor,
} from '../../src/fpga/budget.js';
import { scheduleOf } from '../../src/fpga/schedule.js';
import { memory } from '../../src/fpga/resources.js';

const network = { gates: 32, hidden: 32, head: 32 };

describe('the budget of a board', () => {
  it.each(boards)('$name: the lanes it is set to fit, and one more than the most does not', (board) => {
    const most = mostLanes(board, network);
    expect(most).toBeGreaterThanOrEqual(board.core.lanes);
    expect(laneBudget(board, network, most)).toMatchObject({ fits: true, tooMany: [] });
    expect(laneBudget(board, network, most + 1).fits).toBe(false);
    expect(laneCounts(board, network)).toEqual(expect.arrayContaining([1, 2, board.core.lanes, most]));
  });

  it('has no lane for a part that is too small, and says of what there is too little', () => {
    const board = boardNamed('kc705');
    const small = { ...board, part: { ...board.part, dsps: 100 } };
    expect(mostLanes(small, network)).toBe(0);
    expect(laneBudget(small, network, 1)).toMatchObject({ fits: false, tooMany: ['dsps'] });
  });

  it('gives the least of core, read-out, photons and link', () => {
    const board = boardNamed('kc705');
    const frame = frameBudget(board, network, 4, 32);
    expect(frame.framesPerSecond).toBe(Math.min(...Object.values(frame.limits)));
    expect(frame.limits[frame.limitedBy]).toBe(frame.framesPerSecond);
    // Eight blocks of 128 pixels, one behind the other, and the stages before and behind the slowest.
    const { stages, slowest, latencyCycles } = scheduleOf(coreSizeOf(board, network, 4));
    expect(frame.limits.core).toBeCloseTo(200e6 / (7 * stages[slowest] + latencyCycles), 6);
    const oneMore = frameBudget(board, network, 4, 33).limits.core;
    expect(oneMore).toBeCloseTo(200e6 / (8 * stages[slowest] + latencyCycles), 6);
    const slowLink = { ...board, link: { ...board.link, peakBytesPerSecond: 1_000_000 } };
    expect(frameBudget(slowLink, network, 4, 32)).toMatchObject({ limitedBy: 'link' });
    // 1,024 pixels of 12 bytes in 32 packets with 48 bytes of header, and one that ends the frame.
    expect(frameBudget(slowLink, network, 4, 32).framesPerSecond).toBeCloseTo(1e6 / (1024 * 12 + 33 * 48), 6);
  });

  it('knows that two halves of 128 × 128 × 64 bins exceed the block RAM of a Kintex-7', () => {
    const board = boardNamed('kc705');
    expect(frameBudget(board, network, 4, 32).histogramsFit).toBe(true);
    expect(frameBudget(board, network, 4, 128).histogramsFit).toBe(false);
  });
});

it.each([
  [32, 32, 32],
  [64, 32, 32],
  [16, 32, 16],
  [48, 32, 24],
  [12, 8, 4],
  [20, 32, 20],
])('%i units, %i products a cycle wanted: %i', (hidden, wanted, unroll) => {
  expect(unrollFor(hidden, wanted)).toBe(unroll);
});

describe('a memory', () => {
  it.each([
    { words: 32, bits: 6, luts: 4, ramb36: 0 },
    { words: 32, bits: 8, luts: 8, ramb36: 0 },
    { words: 64, bits: 16, luts: 24, ramb36: 0 },
    { words: 65, bits: 16, luts: 0, ramb36: 0.5 },
    { words: 512, bits: 72, luts: 0, ramb36: 1 },
    { words: 1024, bits: 18, luts: 0, ramb36: 0.5 },
    { words: 2048, bits: 11, luts: 0, ramb36: 1 },
    { words: 16384, bits: 1, luts: 0, ramb36: 0.5 },
  ])('of $words words of $bits bits', ({ words, bits, luts, ramb36 }) => {
    expect(memory(words, bits)).toMatchObject({ luts, ramb36 });
  });
});
