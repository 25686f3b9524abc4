import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

/** Pairs of clock periods in ps: equal, slow to fast, fast to slow, nearly equal. */
const clockPairs = [
  [5000, 5000],
  [10000, 4000],
  [4000, 10000],
  [5000, 5002],
];

describeWithTool(['verilator', 'g++'], 'FIFOs and clock crossings', () => {
  it('sync_fifo keeps order, level and capacity', async () => {
    const program = await verilate({
      top: 'sync_fifo',
      sources: ['sync_fifo.sv'],
      testbench: 'sync_fifo_tb.cpp',
    });
    for (const seed of [1, 2, 3])
      expect(await runBench(program, [seed])).toEqual({ exitCode: 0, stdout: 'ok\n' });
  });

  it('async_fifo loses and doubles nothing between unrelated clocks', async () => {
    const program = await verilate({
      top: 'async_fifo',
      sources: ['async_fifo.sv'],
      testbench: 'async_fifo_tb.cpp',
    });
    for (const [seed, pair] of clockPairs.entries()) {
      expect(await runBench(program, [seed, ...pair]), pair.join()).toEqual({ exitCode: 0, stdout: 'ok\n' });
    }
  });

  it('pulse_crossing gives a pulse for a pulse', async () => {
    const sources = ['pulse_crossing.sv'];
    const program = await verilate({ top: 'pulse_crossing', sources, testbench: 'pulse_crossing_tb.cpp' });
    for (const [seed, pair] of clockPairs.entries()) {
      expect(await runBench(program, [seed, ...pair]), pair.join()).toEqual({ exitCode: 0, stdout: 'ok\n' });
    }
  });

  it('event_fifo counts every lost event and loses no mark', async () => {
    const sources = ['event_fifo.sv', 'async_fifo.sv', 'count_crossing.sv'];
    const parameters = { DEPTH_BITS: 6 };
    const program = await verilate({
      top: 'event_fifo',
      sources,
      testbench: 'event_fifo_tb.cpp',
      parameters,
    });
    for (const [seed, pair] of clockPairs.entries()) {
      expect(await runBench(program, [seed, ...pair]), pair.join()).toEqual({ exitCode: 0, stdout: 'ok\n' });
    }
  });
});
