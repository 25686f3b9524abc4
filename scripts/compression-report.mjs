// Writes docs/compression.md and its charts from docs/compression.json. Needs `npm run build:ts`.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseCompressionStudy } from '../dist/evaluation/compression-study.js';
import { FlimdError, errorBody } from '../dist/protocol/errors.js';
import { CHART_FOLDER, compressionReport } from './report/page.mjs';

const docs = path.resolve(import.meta.dirname, '../docs');
const HELP = `Usage: node scripts/compression-report.mjs [options]

Writes compression.md and compression/*.svg from the figures of the compression study.

  --study FILE   the study (default: docs/compression.json)
  --out DIR      where to write (default: the folder of the study)
  --check        write nothing; exit with 1 where a file differs from what would be written
  --help         this text
`;

function readStudy(file) {
  let content;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new FlimdError('FLIMD_E_STUDY', `${file} cannot be read: ${cause.message}`, {
      expected: 'the JSON file of a compression study',
      action: 'make the study, or give its file with --study',
    });
  }
  return parseCompressionStudy(content);
}

/** Files that are missing or differ, and charts that the study no longer has. */
function staleFiles(files, out) {
  const folder = path.join(out, CHART_FOLDER);
  const charts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.svg')) : [];
  return {
    changed: Object.keys(files).filter((name) => {
      const target = path.join(out, name);
      return !existsSync(target) || readFileSync(target, 'utf8') !== files[name];
    }),
    surplus: charts.map((name) => `${CHART_FOLDER}/${name}`).filter((name) => !(name in files)),
  };
}

function update(files, out, { changed, surplus }) {
  mkdirSync(path.join(out, CHART_FOLDER), { recursive: true });
  for (const name of changed) writeFileSync(path.join(out, name), files[name]);
  for (const name of surplus) rmSync(path.join(out, name));
}

function options() {
  try {
    return parseArgs({
      options: {
        study: { type: 'string', default: path.join(docs, 'compression.json') },
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new FlimdError('FLIMD_E_CONFIG', cause.message, { action: 'see --help' });
  }
}

async function main() {
  const { study, out = path.dirname(study), check, help } = options();
  if (help) return void process.stdout.write(HELP);
  const files = await compressionReport(readStudy(study));
  const stale = staleFiles(files, out);
  for (const name of stale.changed) console.log(`${check ? 'stale' : 'wrote'}: ${name}`);
  for (const name of stale.surplus) console.log(`${check ? 'surplus' : 'removed'}: ${name}`);
  if (!check) return update(files, out, stale);
  if (stale.changed.length + stale.surplus.length > 0) {
    console.error('the report differs from its study: run `node scripts/compression-report.mjs` and commit');
    process.exitCode = 1;
  }
}

main().catch((error) => {
  const { code, message, expected, action } = errorBody(error);
  const lines = [`${code}: ${message}`, expected && `expected: ${expected}`, action && `action: ${action}`];
  console.error(lines.filter(Boolean).join('\n'));
  process.exitCode = 1;
});
