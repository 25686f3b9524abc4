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
});
