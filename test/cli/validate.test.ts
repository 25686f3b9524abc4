import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Camera } from '../../src/camera/camera.js';
import { parseCameraUri, type TcpTarget } from '../../src/link/index.js';
import type { ValidationReport } from '../../src/validation/index.js';
import { FlimdProcess, stopAll } from '../support/flimd-process.js';

afterEach(stopAll);

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, 'validate', ...args], { encoding: 'utf8', timeout: 60_000 });
const small = 'sim:width=32&height=32&fps=50&photons=100';

describe('flimd validate', () => {
  it('prints a line a check, progress on standard error, and ends with 0', () => {
    const { stdout, stderr, status } = run(
      '--camera',
      small,
      '--frames',
      '4',
      '--only',
      'identity',
      'sensor-frames',
    );
    expect(stdout.split('\n').slice(0, 2).join('\n')).toMatch(
      /virtual camera SIM-00000001, firmware .*\n {2}32 × 32 pixels, 64 bins of 195.313 ps/,
    );
    expect(stdout).toMatch(/^passed {3}identity .*idle, no fault$/m);
    expect(stdout).toMatch(
      /^passed {3}sensor-frames {4}4 frames: 0 of 4096 pixels differ from the host's, \d{3,4} have a valid lifetime/m,
    );
    expect(stdout).toMatch(/\n2 passed, 0 failed, 0 skipped: nothing that was looked at is wrong\n$/);
    expect(stderr).toMatch(/^identity: what the camera says it is …\n/);
    expect(status).toBe(0);
  });

  it('gives the whole report as JSON and as a page, and 1 where a check failed', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flimd-validate-'));
    const file = path.join(folder, 'report.md');
    const camera = `${small}&faults=drop:0.05`;
    const { stdout, status } = run(
      ...['--camera', camera, '--frames', '20', '--seed', '9', '--json', '--report', file],
      ...['--only', 'model', 'injected-frames', 'sensor-frames'],
    );
    const report = JSON.parse(stdout) as ValidationReport;
    const page = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(report).toMatchObject({
      verdict: 'failed',
      camera: { uri: camera, serial: 'SIM-00000001' },
      model: { name: 'cells-12.5ns-32' },
      options: { frames: 20, seed: 9 },
    });
    expect(report.checks.map(({ verdict }) => verdict)).toEqual(['passed', 'skipped', 'failed']);
    expect(report.checks[2]!.why).toMatch(/packets lost/);
    expect(page).toMatch(/^# Validation of SIM-00000001: failed\n/);
    expect(page).toContain('| injected-frames | skipped | this link carries no histograms');
    expect(page).toMatch(/^- series \d+: \d+ of \d+ packets lost$/m);
    expect(page).toMatch(/^\| pixelsDiffering \| 0 \|$/m);
  });

  it.each([
    [['--frames', '4'], 'no camera is named'],
    [['--camera', 'sim:', '--frames', '0'], 'a whole number, 1 to 1000000'],
    [['--camera', 'sim:', '--seed', 'x'], 'a whole number, 0 to 4294967295'],
    [['--camera', 'nowhere:'], 'unknown scheme'],
    [['--camera', small, '--model', 'no-such'], 'there is no model package "no-such"'],
  ])('ends with 2 for %j', (args, text) => {
    const { stderr, status } = run(...args);
    expect(stderr).toContain(text);
    expect(status).toBe(2);
  });

  it('ends in order when it is interrupted: the camera is idle, and nothing is proven', async () => {
    const sim = await FlimdProcess.start(['sim', '--listen', 'tcp:127.0.0.1:0', '--fps', '5']);
    const args = [
      'validate',
      '--camera',
      sim.ready.uri,
      '--frames',
      '1000',
      '--json',
      '--only',
      'sensor-frames',
      'rate',
    ];
    const child = spawn(process.execPath, [main, ...args]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child.stderr.setEncoding('utf8'), 'data');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    const report = JSON.parse(output) as ValidationReport;
    expect(report.verdict).toBe('interrupted');
    expect(report.checks.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['skipped', 'interrupted'],
      ['skipped', 'interrupted'],
    ]);
    const camera = await Camera.open(parseCameraUri(sim.ready.uri) as TcpTarget);
    expect(await camera.readState()).toEqual({ state: 'idle', fault: 'none' });
    await camera.close();
  });
});
