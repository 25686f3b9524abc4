import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

const right = { exitCode: 0, stdout: 'ok\n' };

describeWithTool(['verilator', 'g++'], 'between memory and packets', () => {
  it('pattern_injector gives exactly a frame, whatever the host sends', async () => {
    const sources = ['pattern_injector.sv'];
    const program = await verilate({
      top: 'pattern_injector',
      sources,
      testbench: 'pattern_injector_tb.cpp',
    });
    for (const [seed, beats] of [
      [1, 24],
      [2, 2],
      [3, 300],
    ] as const) {
      expect(await runBench(program, [seed, beats]), `${beats} beats`).toEqual(right);
    }
  });

  it('photon_totals adds up frames and finds the brightest pixel', async () => {
    const sources = ['photon_totals.sv'];
    const program = await verilate({ top: 'photon_totals', sources, testbench: 'photon_totals_tb.cpp' });
    for (const seed of [1, 2]) expect(await runBench(program, [seed])).toEqual(right);
  });

  it('frame_geometry multiplies', async () => {
    const sources = ['frame_geometry.sv'];
    const program = await verilate({ top: 'frame_geometry', sources, testbench: 'frame_geometry_tb.cpp' });
    expect(await runBench(program, [1])).toEqual(right);
  });
});
