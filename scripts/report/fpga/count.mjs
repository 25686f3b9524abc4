// What Yosys makes of a Verilog module: its cells as the resources of a 7-series device.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { FlimdError } from '../../../dist/protocol/errors.js';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');

/** LUTs that a cell takes; distributed memory and shift registers are LUTs (UG474, tables 2-3 and 2-5). */
const lutsOf = {
  LUT1: 1,
  LUT2: 1,
  LUT3: 1,
  LUT4: 1,
  LUT5: 1,
  LUT6: 1,
  SRL16E: 1,
  SRLC32E: 1,
  RAM32X1D: 2,
  RAM32M: 4,
  RAM64X1D: 2,
  RAM64M: 4,
  RAM128X1D: 4,
};
const flipFlops = ['FDRE', 'FDSE', 'FDCE', 'FDPE'];

const sum = (cells, weights) =>
  Object.entries(weights).reduce((total, [cell, weight]) => total + weight * (cells[cell] ?? 0), 0);

/** LUTs are those before packing: Vivado puts two small ones into one LUT6. */
export function resourcesOf(cells) {
  return {
    luts: sum(cells, lutsOf),
    flipFlops: sum(cells, Object.fromEntries(flipFlops.map((cell) => [cell, 1]))),
    dsps: cells.DSP48E1 ?? 0,
    ramb36: (cells.RAMB36E1 ?? 0) + (cells.RAMB18E1 ?? 0) / 2,
  };
}

const verilogIn = (folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.sv'))
    .sort()
    .map((name) => `${folder}/${name}`);

export const sourceFolders = { firmware: ['firmware/rtl', 'firmware/generated'], datapath: ['hls/datapath'] };

async function yosys(commands) {
  try {
    return (await run('yosys', ['-q', '-p', commands.join('; ')], { cwd: root, maxBuffer: 64 << 20 })).stdout;
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      `Yosys failed: ${String(cause.stderr ?? cause.message)
        .trim()
        .slice(-400)}`,
      {
        expected: 'Yosys 0.23 or later, and Verilog that it reads',
        action: 'install yosys, or run with --check, which needs none',
      },
    );
  }
}

export const yosysVersion = async () => (await run('yosys', ['-V'])).stdout.split(' (')[0].trim();

/** Resources of `top` in the group "firmware" or "datapath" with these parameters; `dsp: false` maps multiplications to LUTs. */
export async function countModule({ group, top, parameters = {}, dsp = true }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-yosys-'));
  const report = path.join(folder, 'stat.json');
  const sizes = Object.entries(parameters).map(([name, value]) => `chparam -set ${name} ${value} ${top}`);
  try {
    await yosys([
      `read_verilog -sv -Ifirmware/generated ${sourceFolders[group].flatMap(verilogIn).join(' ')}`,
      ...sizes,
      `synth_xilinx -family xc7 -flatten${dsp ? '' : ' -nodsp'} -top ${top}`,
      `tee -q -o ${report} stat -json`,
    ]);
    return resourcesOf(JSON.parse(readFileSync(report, 'utf8')).design.num_cells_by_type);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
