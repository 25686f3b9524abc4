// Builds flimd_VERSION_ARCH.deb from a built checkout: npm run package:deb [-- --out FOLDER] [--version VERSION]
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeControl } from './package/debian-control.mjs';
import { layOutPackage } from './package/debian-tree.mjs';

const checkout = path.resolve(import.meta.dirname, '..');
const program = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8'));
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(checkout, 'build') },
    version: { type: 'string', default: program.version },
  },
});

for (const built of ['dist/cli/main.js', 'dist/viewer/index.html', 'build/Release/flimd.node']) {
  if (!existsSync(path.join(checkout, built)))
    fail(`${built} is not there: run \`npm ci && npm run build\` first`);
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`package-deb: ${message}\n`);
  process.exit(1);
}

/** @param {string[]} command */
function output([name, ...args]) {
  try {
    return execFileSync(name, args, {
      cwd: checkout,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (error) {
    return fail(
      error.code === 'ENOENT'
        ? `${name} is not there: apt-get install dpkg-dev binutils git`
        : `${name} failed: ${error.stderr || error.message}`,
    );
  }
}

/** Of the commit, so that one commit gives one package, byte for byte (reproducible-builds.org). */
function sourceDate() {
  return process.env.SOURCE_DATE_EPOCH ?? output(['git', 'log', '-1', '--format=%ct']);
}

/** As Debian's own tools take them. */
const { DEBFULLNAME = 'The flimd authors', DEBEMAIL = 'flimd@localhost' } = process.env;
const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;
const version = flags.version;
const arch = output(['dpkg', '--print-architecture']);
const epoch = sourceDate();
const date = new Date(Number(epoch) * 1000).toUTCString().replace('GMT', '+0000');
const changelog = `flimd (${version}) unstable; urgency=medium

  * What is new: /usr/share/doc/flimd/NEWS.md.gz

 -- ${maintainer}  ${date}
`;

const root = mkdtempSync(path.join(tmpdir(), 'flimd-deb-'));
try {
  chmodSync(root, 0o755);
  process.umask(0o022);
  const files = layOutPackage(checkout, root, changelog);
  writeControl(checkout, root, files, { version, arch, maintainer });
  mkdirSync(flags.out, { recursive: true });
  const deb = path.join(flags.out, `flimd_${version}_${arch}.deb`);
  process.env.SOURCE_DATE_EPOCH = epoch;
  output(['dpkg-deb', '--root-owner-group', '--build', root, deb]);
  process.stdout.write(`${deb}\n`);
} finally {
  rmSync(root, { recursive: true });
}
