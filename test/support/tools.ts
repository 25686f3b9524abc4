import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

/** The full path of a program on the PATH; null where there is none. */
export function findTool(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const found = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  return found ?? null;
}

/**
 * A `describe` whose tests need programs. Where one is missing they skip with a line that says what to install; in CI
 * they run, and fail.
 */
export function describeWithTools(names: readonly string[]): (title: string, tests: () => void) => void {
  const missing = names.filter((name) => findTool(name) === null);
  if (missing.length === 0 || process.env['CI']) return describe;
  console.log(`skipped, for want of ${missing.join(' and ')}: install ${missing.join(', ')}`);
  return describe.skip;
}
