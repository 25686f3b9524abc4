import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './verilate.js';

const run = promisify(execFile);

function verilogIn(folder: string): string[] {
  if (!existsSync(path.join(root, folder))) return [];
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.sv'));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** Every Verilog module of the firmware, written and generated; a file holds one module and has its name. */
export function firmwareSources(): string[] {
  return [...verilogIn('firmware/rtl'), ...verilogIn('firmware/generated')];
}

/** Reads all of the firmware's Verilog and runs `commands`; gives what Yosys printed, or throws with its end. */
export async function yosys(commands: string[]): Promise<string> {
  const read = `read_verilog -sv -Ifirmware/generated ${firmwareSources().join(' ')}`;
  try {
    const options = { cwd: root, maxBuffer: 64 << 20 };
    return (await run('yosys', ['-p', [read, ...commands].join('; ')], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`yosys failed: ${stderr ?? ''}\n${(stdout ?? String(error)).slice(-1500)}`);
  }
}

/** What Yosys makes of a module, flat, as Verilog: registers, memories and logic. Gives the file's path. */
export async function netlistOf(top: string, parameters: Record<string, number>): Promise<string> {
  const folder = path.join(root, 'build/rtl/netlists');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${top}.v`);
  const sizes = Object.entries(parameters).map(([name, value]) => `chparam -set ${name} ${value} ${top}`);
  const lower = ['proc', 'flatten', 'opt', 'memory -nomap', 'opt'];
  await yosys([...sizes, `hierarchy -check -top ${top}`, ...lower, `write_verilog -noattr ${file}`]);
  return file;
}

/** Cells of one type in the last `stat` of an output. */
export function cellCount(output: string, cell: string): number {
  const last = output.slice(output.lastIndexOf('Number of cells:'));
  return Number(new RegExp(`^ +${cell} +(\\d+)$`, 'm').exec(last)?.[1] ?? 0);
}
