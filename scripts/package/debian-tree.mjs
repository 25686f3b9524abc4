// Lays out what the Debian package installs, in a folder that stands for the root of the target.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { copyrightText } from './copyright.mjs';
import { installedFiles } from './installed-files.mjs';

const PROGRAM = 0o755;
const FILE = 0o644;
const DOC = 'usr/share/doc/flimd';
/** Their texts are in the copyright file. */
const licenceFile = /^node_modules\/.*\/licen[cs]e[^/]*$/i;
const docs = [
  'installation',
  'configuration',
  'api',
  'errors',
  'links',
  'slow-control',
  'viewer',
  'virtual-camera',
];

/** Files of the checkout that have a place of their own: from, to, mode. */
const placed = [
  ['packaging/systemd/flimd.service', 'usr/lib/systemd/system/flimd.service', FILE],
  ['packaging/udev/70-flimd.rules', 'usr/lib/udev/rules.d/70-flimd.rules', FILE],
  ['packaging/udev/71-flimd-xdma.rules', 'usr/lib/udev/rules.d/71-flimd-xdma.rules', FILE],
  ['packaging/debian/config.yaml', 'etc/flimd/config.yaml', FILE],
  ['packaging/debian/flimd', 'usr/bin/flimd', PROGRAM],
  ...docs.map((name) => [`docs/${name}.md`, `${DOC}/${name}.md`, FILE]),
];

/**
 * @param {string} checkout a built one
 * @param {string} root an empty folder
 * @param {string} changelog in Debian's format
 * @returns {string[]} what was written, as seen from the root
 */
export function layOutPackage(checkout, root, changelog) {
  /** @type {string[]} */
  const written = [];
  const write = (to, content, mode = FILE) => {
    const file = path.join(root, to);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
    written.push(to);
  };
  const installed = installedFiles(checkout);
  for (const { from, to } of installed.filter(({ to }) => !licenceFile.test(to))) {
    write(path.join('usr/lib/flimd', to), readFileSync(from), to === 'dist/cli/main.js' ? PROGRAM : FILE);
  }
  const addons = written.filter((file) => file.endsWith('.node')).map((file) => path.join(root, file));
  execFileSync('strip', ['--strip-unneeded', ...addons]);
  for (const [from, to, mode] of placed) write(to, readFileSync(path.join(checkout, from)), mode);
  const packed = (text) => gzipSync(text, { level: 9 });
  write(
    `${DOC}/copyright`,
    copyrightText(
      checkout,
      installed.map(({ to }) => to),
    ),
  );
  write(`${DOC}/changelog.gz`, packed(changelog));
  write(`${DOC}/NEWS.md.gz`, packed(readFileSync(path.join(checkout, 'CHANGELOG.md'))));
  write(
    'usr/share/man/man1/flimd.1.gz',
    packed(readFileSync(path.join(checkout, 'packaging/debian/flimd.1'))),
  );
  return written;
}
