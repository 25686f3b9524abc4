import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

/** Path of an installed program, or undefined. */
export function findTool(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * `describe` for tests that need programs: without them the tests are skipped with one line that says what to
 * install. In CI they run all the same, and so fail.
 */
export function describeWithTool(tools: string | string[], title: string, tests: () => void): void {
  const missing = [tools].flat().filter((tool) => !findTool(tool));
  if (missing.length === 0 || process.env.CI) {
    describe(title, tests);
    return;
  }
  console.log(`skipped: ${title} (install ${missing.join(' and ')})`);
  describe.skip(title, tests);
}
