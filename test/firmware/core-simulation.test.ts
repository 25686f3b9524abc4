import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { boards } from '../../src/fpga/boards.js';
import { describeWithTool, findTool } from '../support/tools.js';
import { root } from './support/vendor-script.js';

/** The C simulation of hls/scripts/synthesize.tcl, with the host's compiler and its stand-ins of the vendor's headers. */
describeWithTool('g++', 'the C simulation of a board’s core', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flimd-core-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const inRoot = (file: string) => path.join(root, file);

  function build(board: string): string {
    const program = path.join(folder, board);
    const tops = ['flimd_core_axis', 'flimd_core_loadable'].map((top) => `hls/vendor/${top}.cpp`);
    const sources = [...tops, 'hls/tb/flimd_core_axis_tb.cpp'].map(inRoot);
    const includes = ['hls/sim/vendor', `firmware/boards/${board}`].map((at) => `-I${inRoot(at)}`);
    const args = [
      '-std=c++14',
      '-O1',
      '-Wall',
      '-Wextra',
      ...includes,
      ...sources,
      '-o',
      program,
      '-pthread',
    ];
    const { stderr } = spawnSync(findTool('g++')!, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    return program;
  }

  it.each(boards)('$name gives the bits of the reference', ({ name, core }) => {
    const vectors = inRoot(`hls/tb/vectors/${core.model}.txt`);
    const program = build(name);
    const run = spawnSync(program, [vectors], { encoding: 'utf8' });
    expect(run.stdout).toMatch(/^passed: \d+ pixels, 0 words differ$/m);
    expect(run.status).toBe(0);

    // A bench that cannot fail proves nothing: with a limit that no pixel reaches, the expected results are wrong.
    const changed = path.join(folder, 'changed.txt');
    writeFileSync(changed, readFileSync(vectors, 'utf8').replace(/^(\d+ \d+) \d+/, '$1 1000000'));
    expect(spawnSync(program, [changed], { encoding: 'utf8' }).stdout).toContain('FAILED');
  });
});
