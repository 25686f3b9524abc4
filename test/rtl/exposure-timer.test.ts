import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

describeWithTool(['verilator', 'g++'], 'exposure_timer', () => {
  it.each([
    { TICK_HZ: 100_000_000, SENSOR_HZ: 100_000_000, MINIMUM_TICKS: 1000 },
    { TICK_HZ: 200_000_000, SENSOR_HZ: 78_125_000, MINIMUM_TICKS: 777 },
    { TICK_HZ: 10_000_000, SENSOR_HZ: 48_000_000, MINIMUM_TICKS: 20 },
  ])('exposes for as many ticks as asked: %o', async (parameters) => {
    const sources = ['exposure_timer.sv'];
    const program = await verilate({
      top: 'exposure_timer',
      sources,
      testbench: 'exposure_timer_tb.cpp',
      parameters,
    });
    for (const seed of [1, 2]) {
      const found = await runBench(program, [seed, ...Object.values(parameters)]);
      expect(found).toEqual({ exitCode: 0, stdout: 'ok\n' });
    }
  });
});
