import { expect, it } from 'vitest';
import { runBench, verilate } from '../rtl/support/verilate.js';
import { describeWithTool } from '../support/tools.js';

describeWithTool(['verilator', 'g++'], 'the temperature of the die', () => {
  it('is what the transfer function of the XADC says', async () => {
    const binary = await verilate({
      top: 'die_temperature_bench',
      sources: ['../../test/firmware/die_temperature_bench.sv', '../boards/common/die_temperature.sv'],
      testbench: 'die_temperature_tb.cpp',
    });
    const run = await runBench(binary, []);
    expect(run.stdout).toBe('ok\n');
    expect(run.exitCode).toBe(0);
  });
});
