import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithTool, findTool } from '../support/tools.js';
import { carrierPins, reportFixture, root, standIn, VendorBuild } from './support/vendor-script.js';

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

  function runCommand(args: string[], environment: Record<string, string> = {}, cwd = root) {
    // Not the whole PATH: vendor tools of this machine stay out.
    const needed = ['bash', 'tclsh', 'git', 'sha256sum', 'realpath'].map((tool) =>
      path.dirname(findTool(tool)!),
    );
    const PATH = [tools, ...new Set(needed)].join(path.delimiter);
    const given = { STANDIN_CSYNTH: reportFixture('met'), FLIMD_ALLOW_DIRTY: '1', ...environment };
    return spawnSync('bash', [command, ...args], { encoding: 'utf8', cwd, env: { PATH, ...given } });
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

  it('takes pins from a file named relative to where it is called', () => {
    offer('vitis_hls', 'hls');
    offer('vivado', 'vivado');
    mkdirSync(build.file('carrier'));
    copyFileSync(carrierPins, build.file('carrier', 'pins.tcl'));
    const call = ['k7-fx3', build.file('results')];
    const result = runCommand(call, { FLIMD_PINS: 'carrier/pins.tcl' }, build.out);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(readFileSync(build.file('results', 'pins.xdc'), 'utf8')).toContain('PACKAGE_PIN T1');

    const elsewhere = runCommand(call, { FLIMD_PINS: 'carrier/pins.tcl' });
    expect(elsewhere.status).toBe(2);
    expect(elsewhere.stderr).toContain(
      `FLIMD_PINS names no file: "carrier/pins.tcl" (seen from ${realpathSync(root)})`,
    );
  });

  it('refuses results among the sources before any tool runs', () => {
    // Below build/ it goes on to look for its tools.
    expect(runCommand(['kc705', 'build/mine']).stderr).toContain('neither vitis-run nor vitis_hls');
    offer('vitis_hls', 'hls');
    offer('vivado', 'vivado');
    for (const folder of ['firmware/out', '.', 'build-of-mine']) {
      const result = runCommand(['kc705', folder]);
      expect(result.status).toBe(2);
      expect(result.stderr).toContain('would be changes of the checkout: name a folder below');
    }
    expect(existsSync(path.join(root, 'firmware/out'))).toBe(false);
    expect(existsSync(build.file('vitis_hls.txt'))).toBe(false);
  });

  it.each(['--help', '-h'])('tells its usage on %s', (flag) => {
    const result = runCommand([flag]);
    expect(result.status).toBe(0);
    expect(result.stderr).toBe('');
    expect(result.stdout).toContain('usage: build.sh BOARD [OUT]; boards: k7-fx3 kc705');
  });

  it('says which boards there are', () => {
    const result = runCommand(['zedboard']);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('unknown board "zedboard"; boards: k7-fx3 kc705');
    expect(runCommand([]).stderr).toContain('usage: build.sh BOARD');
  });
});
