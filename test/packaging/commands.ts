import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const checkout = path.resolve(import.meta.dirname, '../..');

/** Standard output of a command; where it fails, the error has all that it printed. Such commands may take a minute. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
    return stdout.trim();
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout?.slice(-2000) ?? ''}\n${stderr?.slice(-2000) ?? ''}`);
  }
}

/** Path of the package of this checkout, as `npm run package:deb` makes it from the build that is there. */
export async function buildPackage(folder: string, version?: string): Promise<string> {
  const script = path.join(checkout, 'scripts/package-deb.mjs');
  return run(process.execPath, [
    script,
    '--out',
    folder,
    ...(version === undefined ? [] : ['--version', version]),
  ]);
}
