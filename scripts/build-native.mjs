// Builds the native addons (binding.gyp). Uses the Node headers that lie beside the running node, if any,
// so that no download is needed; otherwise node-gyp fetches them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const prefix = path.resolve(path.dirname(process.execPath), '..');
const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
const args = [nodeGyp, 'configure', 'build', '--jobs', 'max'];
if (existsSync(path.join(prefix, 'include/node/node_api.h'))) args.push(`--nodedir=${prefix}`);

const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
if (result.status !== 0) {
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}\n`);
  process.stderr.write(
    'flimd: the native kernels could not be built. They need Python 3 and a C++20 compiler\n' +
      '(Debian/Ubuntu: apt-get install python3 g++ make; macOS: xcode-select --install).\n' +
      'The full compiler output is above; run `npm run build:native` to try again.\n',
  );
  process.exit(1);
}
