// Counts the Verilog with Yosys into docs/fpga.json and writes docs/fpga.md from it. Needs `npm run build:ts`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { boards } from '../dist/fpga/boards.js';
import { compare, contradictions } from '../dist/fpga/comparison.js';
import { describeBudget } from '../dist/fpga/description.js';
import { loadModelPackage } from '../dist/lifetime/model-package.js';
import { FlimdError, errorBody } from '../dist/protocol/errors.js';
import { countModule, yosysVersion } from './report/fpga/count.mjs';
import { countedModules } from './report/fpga/modules.mjs';
import { fpgaReport } from './report/fpga/page.mjs';

const root = path.resolve(import.meta.dirname, '..');
const docs = path.join(root, 'docs');
const COUNTS = path.join(docs, 'fpga.json');
const HELP = `Usage: node scripts/fpga-report.mjs [options]

Counts every Verilog module with Yosys, writes docs/fpga.json, and from it and the model of src/fpga docs/fpga.md.

  --count NAMES  print the counts of these modules (by comma) as JSON and write nothing
  --page         write docs/fpga.md from docs/fpga.json as it stands; needs no Yosys
  --check        write nothing; exit with 1 where docs/fpga.md is not what docs/fpga.json and the model give
  --help         this text
`;

function options() {
  try {
    return parseArgs({
      options: {
        count: { type: 'string' },
        page: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new FlimdError('FLIMD_E_CONFIG', cause.message, { action: 'see --help' });
  }
}

function modulesNamed(names) {
  const known = countedModules();
  return names.map((name) => {
    const found = known.find((module) => module.name === name);
    if (found) return found;
    throw new FlimdError('FLIMD_E_CONFIG', `no module "${name}" is counted`, {
      value: name,
      expected: known.map((module) => module.name).join(', '),
      action: 'name one of these, or add yours to scripts/report/fpga/modules.mjs',
    });
  });
}

async function countAll(modules) {
  const counts = [];
  for (const module of modules) {
    const { name, group, parameters = {} } = module;
    counts.push({ name, group, parameters, ...(await countModule(module)) });
    console.error(`counted ${name}`);
  }
  return counts;
}

async function reportOf(counted) {
  const described = await Promise.all(
    boards.map(async (board) => {
      const { network, timing } = await loadModelPackage(path.join(root, 'models', board.core.model));
      return { model: board.core.model, ...describeBudget(board, network, timing) };
    }),
  );
  return fpgaReport({ ...counted, comparisons: compare(counted.modules), boards: described });
}

async function main() {
  const { count, page, check, help } = options();
  if (help) return void process.stdout.write(HELP);
  if (count !== undefined) {
    return void process.stdout.write(
      `${JSON.stringify(await countAll(modulesNamed(count.split(','))), null, 2)}\n`,
    );
  }
  const counted =
    page || check
      ? JSON.parse(readFileSync(COUNTS, 'utf8'))
      : { tool: await yosysVersion(), modules: await countAll(countedModules()) };
  const files = { ...(await reportOf(counted)), 'fpga.json': `${JSON.stringify(counted, null, 2)}\n` };
  const stale = Object.keys(files).filter((name) => {
    const target = path.join(docs, name);
    return !existsSync(target) || readFileSync(target, 'utf8') !== files[name];
  });
  for (const name of stale) console.log(`${check ? 'stale' : 'wrote'}: ${name}`);
  for (const line of contradictions(compare(counted.modules))) console.error(`off: ${line}`);
  if (check) {
    if (stale.length === 0) return;
    console.error('run `node scripts/fpga-report.mjs --page` and commit');
    process.exitCode = 1;
    return;
  }
  for (const name of stale) {
    mkdirSync(path.dirname(path.join(docs, name)), { recursive: true });
    writeFileSync(path.join(docs, name), files[name]);
  }
}

main().catch((error) => {
  const { code, message, expected, action } = errorBody(error);
  const lines = [`${code}: ${message}`, expected && `expected: ${expected}`, action && `action: ${action}`];
  console.error(lines.filter(Boolean).join('\n'));
  process.exitCode = 1;
});
