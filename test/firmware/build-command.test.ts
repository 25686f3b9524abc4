import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithTool, findTool } from '../support/tools.js';
import { reportFixture, root, standIn, VendorBuild } from './support/vendor-script.js';

const command = path.join(root, 'firmware/scripts/build.sh');

describeWithTool(['tclsh', 'bash', 'git', 'sha256sum'], 'the one command', () => {
  let build: VendorBuild;
  let tools: string;
  beforeEach(() => {
    build = new VendorBuild('kc705');
    tools = build.file('tools');
    mkdirSync(tools);
  });
  afterEach(() => build.remove());

  /** A program of the vendor's name that hands its script to the stand-in. */
  function offer(name: string, tool: 'hls' | 'vivado'): void {
    const script = 'for word; do script=$word; done';
    const run = `exec tclsh '${standIn}' ${tool} "$script" '${build.file(`${name}.txt`)}' ''`;
    const file = path.join(tools, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n${run}\n`);
    chmodSync(file, 0o755);
  }

  function runCommand(args: string[], environment: Record<string, string> = {}) {
    // Not the whole PATH: vendor tools of this machine stay out.
    const needed = ['bash', 'tclsh', 'git', 'sha256sum', 'realpath'].map((tool) =>
      path.dirname(findTool(tool)!),
    );
    const PATH = [tools, ...new Set(needed)].join(path.delimiter);
    const given = { STANDIN_CSYNTH: reportFixture('met'), FLIMD_ALLOW_DIRTY: '1', ...environment };
    return spawnSync('bash', [command, ...args], { encoding: 'utf8', env: { PATH, ...given } });
  }

  it.each(['vitis_hls', 'vitis-run'])('goes from %s over vivado to the bitstream', (hls) => {
    offer(hls, 'hls');
    offer('vivado', 'vivado');
    const result = runCommand(['kc705', build.file('results')]);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(existsSync(build.file('results', 'flimd-kc705.bit'))).toBe(true);
    expect(existsSync(build.file(`${hls}.txt`))).toBe(true);
  });

  it('does not begin with vivado where the core misses its targets', () => {
    offer('vitis_hls', 'hls');
    offer('vivado', 'vivado');
    const result = runCommand(['kc705', build.file('results')], { STANDIN_CSYNTH: reportFixture('missed') });
    expect(result.status).not.toBe(0);
    expect(existsSync(build.file('vivado.txt'))).toBe(false);
  });

  it('says which tool is missing', () => {
    expect(runCommand(['kc705', build.file('results')]).stderr).toContain('neither vitis-run nor vitis_hls');
    offer('vitis_hls', 'hls');
    const result = runCommand(['kc705', build.file('results')]);
    expect(result.stderr).toContain('vivado is not on the PATH');
    expect(result.status).toBe(2);
  });

  it('says which boards there are', () => {
    const result = runCommand(['zedboard']);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('unknown board "zedboard"; boards: k7-fx3 kc705');
    expect(runCommand([]).stderr).toContain('usage: build.sh BOARD');
  });
});
