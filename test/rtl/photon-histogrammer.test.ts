import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

describeWithTool(['verilator', 'g++'], 'photon_histogrammer', () => {
  const sources = ['photon_histogrammer', 'histogram_reader', 'histogram_bank', 'event_accumulator'];
  const build = () =>
    verilate({
      top: 'photon_histogrammer',
      sources: sources.map((name) => `${name}.sv`),
      testbench: 'photon_histogrammer_tb.cpp',
      parameters: { WORD_BITS: 10 },
    });

  /** seed, pixels, bins, kind of events; 1024 words are the whole memory. */
  it.each([
    ['events anywhere, and outside the image', [1, 16, 16, 0]],
    ['an image that fills the memory', [2, 16, 256, 0]],
    ['a bin count that is no power of two', [3, 27, 148, 0]],
    ['the smallest image', [4, 1, 4, 0]],
    ['events on three words in a row', [5, 33, 12, 1]],
    ['events on one word', [6, 5, 4, 1]],
    ['events on one bin', [7, 64, 64, 2]],
    ['more events than a bin holds, one a cycle', [8, 8, 16, 3]],
  ])('counts as its model: %s', async (_title, args) => {
    expect(await runBench(await build(), args)).toEqual({ exitCode: 0, stdout: 'ok\n' });
  });
});
