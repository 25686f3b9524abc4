import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const addon = path.join(root, 'build/rtl/flimd_rtl.node');
const sources = [
  'firmware/rtl',
  'firmware/generated',
  'firmware/sim',
  'hls/core',
  'hls/sim',
  'native/generated',
  'scripts/build-rtl.mjs',
];

function newest(target: string): number {
  const status = statSync(target);
  if (status.isFile()) return status.mtimeMs;
  const names = readdirSync(target).filter((name) => name !== 'build');
  return Math.max(...names.map((name) => newest(path.join(target, name))));
}

/** `npm run build:rtl` where the simulated bitstream is older than what it is made of. */
export async function buildRtlAddon(): Promise<void> {
  const changed = Math.max(...sources.map((name) => newest(path.join(root, name))));
  if (existsSync(addon) && statSync(addon).mtimeMs >= changed) return;
  await promisify(execFile)(process.execPath, [path.join(root, 'scripts/build-rtl.mjs')]);
}
