import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

const right = { exitCode: 0, stdout: 'ok\n' };

describeWithTool(['verilator', 'g++'], 'the FX3 link', () => {
  it('register_port makes AXI-Lite accesses of words and tells what was refused', async () => {
    const sources = ['register_port.sv', 'async_fifo.sv'];
    const program = await verilate({ top: 'register_port', sources, testbench: 'register_port_tb.cpp' });
    for (const args of [
      [1, 10000, 5000],
      [2, 5000, 10000],
      [3, 10000, 10001],
    ]) {
      expect(await runBench(program, args), args.join()).toEqual(right);
    }
  });

  const fx3 = () =>
    verilate({
      top: 'fx3_slave_fifo',
      sources: ['fx3_slave_fifo.sv', 'word_splitter.sv', 'injection_framer.sv', 'sync_fifo.sv'],
      testbench: 'fx3_slave_fifo_tb.cpp',
    });

  it.each([
    [1, 8],
    [2, 64],
    [3, 256],
    [4, 4096],
  ])('fx3_slave_fifo keeps four sockets in order (seed %i, buffers of %i words)', async (...args) => {
    expect(await runBench(await fx3(), args)).toEqual(right);
  });

  // 4096 words are a DMA buffer of 16 KiB; one as long as 60000 words must not keep register requests waiting.
  it.each([4096, 60000])(
    'fx3_slave_fifo fills nine cycles in ten (buffers of %i words)',
    async (bufferWords) => {
      const { exitCode, stdout } = await runBench(await fx3(), [5, bufferWords, 1]);
      expect(exitCode, stdout).toBe(0);
    },
  );
});
