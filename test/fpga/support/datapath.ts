import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, runBench, verilate } from '../../rtl/support/verilate.js';

const folder = path.join(root, 'hls/datapath');
const parts = ['delay_line.sv', 'dot_column.sv', 'round_saturate.sv', 'activation.sv'];

/** Feeds numbers to a module of hls/datapath in Verilator; gives the numbers of each line that it printed. */
export async function runDatapath(
  top: string,
  parameters: Record<string, number>,
  numbers: number[],
  seed: number,
): Promise<number[][]> {
  const sources = [`${top}.sv`, ...parts].map((name) => path.join(folder, name));
  const testbench = path.join(folder, `tb/${top}_tb.cpp`);
  const program = await verilate({ top, sources, testbench, parameters });
  const scratch = mkdtempSync(path.join(tmpdir(), 'flimd-datapath-'));
  try {
    const vectors = path.join(scratch, 'vectors.txt');
    writeFileSync(vectors, numbers.join(' '));
    const { exitCode, stdout } = await runBench(program, [vectors, seed]);
    if (exitCode !== 0) throw new Error(`${top} ended with ${exitCode}: ${stdout.slice(-500)}`);
    const lines = stdout.trimEnd().split('\n');
    return lines.map((line) => line.split(' ').map(Number));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
