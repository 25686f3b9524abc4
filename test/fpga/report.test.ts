import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, contradictions, type CountedModule } from '../../src/fpga/comparison.js';
import { describeWithTool } from '../support/tools.js';

const root = path.resolve(import.meta.dirname, '../..');
const counts = JSON.parse(readFileSync(path.join(root, 'docs/fpga.json'), 'utf8')) as {
  tool: string;
  modules: CountedModule[];
};

function report(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const command = [path.join(root, 'scripts/fpga-report.mjs'), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('docs/fpga.md', () => {
  it('is what the counts and the model give', async () => {
    expect(await report('--check')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('holds no figure that is none', () => {
    const page = readFileSync(path.join(root, 'docs/fpga.md'), 'utf8');
    expect(page).not.toMatch(/NaN|undefined|Infinity|null/);
    for (const { name } of counts.modules) expect(page).toContain(`| ${name}`);
  });
});

describe('the estimates', () => {
  const comparisons = compare(counts.modules);

  it('agree with all counts: DSP slices exactly, block RAM within 5 %, LUTs and flip-flops within 15 %', () => {
    expect(contradictions(comparisons)).toEqual([]);
    // Units of four sizes, three more modules, two boards, the link.
    expect(comparisons).toHaveLength(10);
  });

  it('are refused where they do not', () => {
    const [first] = comparisons;
    const off = { ...first!, estimated: { ...first!.estimated, dsps: first!.counted.dsps + 1 } };
    expect(contradictions([off])).toEqual([
      `${off.name}: dsps estimated ${off.estimated.dsps}, counted ${off.counted.dsps}`,
    ]);
  });
});

describeWithTool('yosys', 'counting again', () => {
  it('gives the counts of docs/fpga.json', async () => {
    const names = ['sync_fifo', 'dot_column 8'];
    const { stdout } = await report('--count', names.join(','));
    const again = JSON.parse(stdout) as CountedModule[];
    const kept = names.map((name) => counts.modules.find((module) => module.name === name)!);
    // Another version of Yosys maps logic in another way, but not multiplications and memories.
    const close = (value: number, to: number) => Math.abs(value - to) <= 0.2 * to;
    again.forEach((module, at) => {
      expect(module).toMatchObject({ name: kept[at]!.name, dsps: kept[at]!.dsps, ramb36: kept[at]!.ramb36 });
      expect(close(module.luts, kept[at]!.luts), `${module.name}: ${module.luts} LUTs`).toBe(true);
      expect(close(module.flipFlops, kept[at]!.flipFlops), `${module.name}: flip-flops`).toBe(true);
    });
  }, 300_000);

  it('refuses a module that is not counted', async () => {
    const { status, stderr } = await report('--count', 'nothing');
    expect(status).toBe(1);
    expect(stderr).toContain('no module "nothing" is counted');
    expect(stderr).toContain('sync_fifo');
  });
});
