import path from 'node:path';
import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { cellCount, firmwareSources, netlistOf, yosys } from './support/yosys.js';
import { runBench, verilate } from './support/verilate.js';

describeWithTool('yosys', 'the firmware is synthesizable', () => {
  const modules = firmwareSources().map((file) => path.basename(file, '.sv'));

  it('has modules', () => expect(modules).toContain('photon_histogrammer'));

  it.each(modules)('%s: every net driven once, no latch', async (name) => {
    const checks = ['proc', 'opt', 'check -assert', 'select -assert-none t:$dlatch t:$_DLATCH_*'];
    await yosys([`hierarchy -check -top ${name}`, ...checks]);
  });

  it('photon_histogrammer takes block RAM for its two halves and one DSP slice for addresses', async () => {
    const wordBits = 12;
    const setSize = `chparam -set WORD_BITS ${wordBits} photon_histogrammer`;
    const output = await yosys([setSize, 'synth_xilinx -flatten -top photon_histogrammer', 'stat']);
    // A RAMB36 holds 32 Kibit without parity.
    expect(cellCount(output, 'RAMB36E1')).toBe((2 * 64 * 2 ** wordBits) / 32768);
    expect(cellCount(output, 'RAM64M') + cellCount(output, 'RAM32M')).toBe(0);
    expect(cellCount(output, 'DSP48E1')).toBe(1);
  });

  it.each([
    // The descriptions of its banks, 76 bits each, are LUT RAM of 6 bits a cell.
    { top: 'payload_banks', parameters: { ADDRESS_BITS: 10 }, bits: 2 * 64 * 2 ** 10, lutRams: 13 },
    // The link's FIFO in flimd_device, and one that is deep besides. A word of 72 bits takes the parity, too.
    { top: 'async_fifo', parameters: { WIDTH: 66, DEPTH_BITS: 9 }, bits: 64 * 2 ** 9, lutRams: 0 },
    { top: 'async_fifo', parameters: { WIDTH: 72, DEPTH_BITS: 12 }, bits: 64 * 2 ** 12, lutRams: 0 },
  ])('$top of $parameters takes block RAM for its words', async ({ top, parameters, bits, lutRams }) => {
    const sizes = Object.entries(parameters).map(([name, value]) => `chparam -set ${name} ${value} ${top}`);
    const output = await yosys([...sizes, `synth_xilinx -flatten -top ${top}`, 'stat']);
    const halves = 2 * cellCount(output, 'RAMB36E1') + cellCount(output, 'RAMB18E1');
    expect(halves / 2).toBe(bits / 32768);
    expect(cellCount(output, 'RAM64M') + cellCount(output, 'RAM32M')).toBe(lutRams);
  });
});

describeWithTool(['yosys', 'verilator', 'g++'], 'what Yosys makes of a module behaves as the module', () => {
  const cases: { top: string; parameters: Record<string, number>; args: number[] }[] = [
    { top: 'photon_histogrammer', parameters: { WORD_BITS: 10 }, args: [11, 33, 12, 1] },
    { top: 'fx3_slave_fifo', parameters: {}, args: [12, 64] },
  ];

  it.each(cases)('$top', async ({ top, parameters, args }) => {
    const sources = [await netlistOf(top, parameters)];
    const program = await verilate({ top, sources, testbench: `${top}_tb.cpp`, isNetlist: true });
    expect(await runBench(program, args)).toEqual({ exitCode: 0, stdout: 'ok\n' });
  });
});
