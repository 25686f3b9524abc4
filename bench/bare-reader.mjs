// The C programs of this folder that read a node with nothing else to do.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Compiles NAME.c into the folder; what the compiler says where it cannot. */
export function compile(name, folder) {
  const program = path.join(folder, name);
  const source = path.resolve(import.meta.dirname, `${name}.c`);
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
  return status === 0 ? { program } : { problem: `no C compiler: ${error?.message ?? stderr}` };
}

/** Runs a reader: `begin` is called when it is ready to read; resolves with the JSON that it prints. */
export async function runReader(program, args, begin) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${path.basename(program)} ended early`);
    return value;
  };
  await line();
  await begin();
  const result = JSON.parse(await line());
  if (child.exitCode === null) await once(child, 'exit');
  return result;
}
