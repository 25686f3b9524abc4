import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { boards } from '../../src/fpga/boards.js';
import { describeWithTool, findTool } from '../support/tools.js';
import { root, VendorBuild } from './support/vendor-script.js';

/**
 * Warnings of modules that leave bits of their inputs or outputs of others unused on purpose, and of empty ports, which are written out
 * as such. What matters here stays an error: a pin that is missing, is there no more, or has another width.
 */
const WAIVED = [
  '-Wno-UNUSEDSIGNAL',
  '-Wno-UNUSEDPARAM',
  '-Wno-PINCONNECTEMPTY',
  '-Wno-DECLFILENAME',
  '-Wno-UNDRIVEN',
];

const systemVerilog = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.sv'))
    .map((name) => path.join(root, folder, name));

describeWithTool(['tclsh', 'verilator'], 'the tops of the boards', () => {
  let build: VendorBuild | undefined;
  afterEach(() => build?.remove());

  /** Runs the scripts, so that the block design is there as a module, and lints the top with all that it instantiates. */
  function lint(board: string, change = (design: string) => design): string {
    build = new VendorBuild(board);
    expect(build.run('hls').errors).toBe('');
    expect(build.run('vivado').errors).toBe('');
    const design = build.file('flimd_system.sv');
    writeFileSync(design, change(readFileSync(design, 'utf8')));
    const folders = [
      'firmware/rtl',
      'firmware/generated',
      'firmware/boards/common',
      `firmware/boards/${board}`,
    ];
    const sources = [
      path.join(root, 'test/firmware/primitives.sv'),
      design,
      ...folders.flatMap(systemVerilog),
    ];
    const top = `${board.replaceAll('-', '_')}_top`;
    const args = ['--lint-only', '-sv', '-Wall', ...WAIVED, `-I${path.join(root, 'firmware/generated')}`];
    const result = spawnSync(findTool('verilator')!, [...args, '--top-module', top, ...sources], {
      encoding: 'utf8',
    });
    return result.stderr;
  }

  it.each(boards.map((board) => board.name))(
    '%s fits its block design and the device, pin for pin',
    (board) => {
      expect(lint(board)).toBe('');
    },
  );

  it('would notice a port of the block design that the top does not connect', () => {
    const withReset = (design: string) =>
      design.replace('module flimd_system (', 'module flimd_system (input wire aux_reset,');
    expect(lint('kc705', withReset)).toContain("Cell has missing pin: 'aux_reset'");
  });

  it('would notice a port that the block design has no more, and one of another width', () => {
    const narrower = (design: string) =>
      design.replace('irq,', 'interrupt,').replace('[63:0] S_AXIS_LINK_tdata', '[31:0] S_AXIS_LINK_tdata');
    const complaints = lint('kc705', narrower);
    expect(complaints).toContain("Pin not found: 'irq'");
    build!.remove();
    const width = lint('kc705', (design) =>
      design.replace('[63:0] S_AXIS_LINK_tdata', '[31:0] S_AXIS_LINK_tdata'),
    );
    expect(width).toContain("'S_AXIS_LINK_tdata'");
  });
});
