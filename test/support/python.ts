import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';

/** FLIMD_PYTHON names the interpreter where the packages are installed, such as one of a virtual environment. */
const python = process.env.FLIMD_PYTHON ?? 'python3';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Whether tests that need these packages must be skipped, which is then told in one line. In CI they run all the
 * same, and so fail.
 */
export function lacksPython(what: string, packages: readonly string[]): boolean {
  const found = spawnSync(python, ['-c', `import ${packages.join(', ')}`]).status === 0;
  if (found || process.env.CI) return false;
  const names = packages.join(', ');
  console.log(`skipped: ${what} (install for ${python} what .ci/run does: ${names}; or set FLIMD_PYTHON)`);
  return true;
}

/** What a script prints, as JSON. */
export function askPython(script: string, ...args: string[]): any {
  return tellPython(script, '', ...args);
}

/** What a script prints that is told something on its standard input. */
export function tellPython(script: string, input: string | Uint8Array, ...args: string[]): any {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status !== 0) expect.fail(`${script} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}
