import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';

/** Why no file system can be served here; null if one can. */
function fuseProblem(): string | null {
  if (process.platform !== 'linux') return 'FUSE nodes need Linux';
  if (process.getuid!() !== 0) return 'mounting the XDMA nodes needs root';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'there is no /dev/fuse: load the fuse module';
  }
}

/** Tests that need FUSE: skipped with one line where it is missing, failing in CI. */
export function describeWithFuse(name: string, tests: () => void): void {
  const problem = fuseProblem();
  if (problem === null || process.env['CI']) return void describe(name, tests);
  process.stdout.write(`skipped: ${name}: ${problem}\n`);
  describe.skip(name, tests);
}

/** A folder of its own for the nodes. */
export const nodeFolder = (): string => path.join(mkdtempSync(path.join(tmpdir(), 'flimd-xdma-')), 'nodes');
