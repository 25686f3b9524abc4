// What dpkg must know of the package: its folder DEBIAN.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const scripts = ['postinst', 'prerm', 'postrm'];
/** Beside the libraries: the runtime, the user of the service, and what gives it its cameras. */
const needs = ['nodejs (>= 20.19)', 'adduser', 'udev'];

/**
 * @param {string} checkout
 * @param {string} root laid out by layOutPackage
 * @param {readonly string[]} files in it
 * @param {{ version: string, arch: string, maintainer: string }} facts
 */
export function writeControl(checkout, root, files, { version, arch, maintainer }) {
  const folder = path.join(root, 'DEBIAN');
  mkdirSync(folder);
  const contents = files.map((file) => ({ file, bytes: readFileSync(path.join(root, file)) }));
  const sizeKiB = contents.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), 0);
  const libraries = sharedLibraries(
    files.filter((file) => file.endsWith('.node')).map((file) => path.join(root, file)),
  );
  const control = [
    'Package: flimd',
    `Version: ${version}`,
    `Architecture: ${arch}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${sizeKiB}`,
    `Depends: ${[...needs, ...libraries].join(', ')}`,
    'Section: science',
    'Priority: optional',
    'Description: live fluorescence-lifetime maps from an FPGA-backed SPAD camera',
    ' flimd runs a fluorescence-lifetime camera over USB or PCIe as a system service,',
    ' computes a lifetime for every pixel of every frame with a compressed recurrent',
    ' network, in the FPGA of the camera or on the host, and streams the map to',
    ' browsers and programs. A virtual camera is part of it.',
  ];
  const write = (name, text, mode = 0o644) => writeFileSync(path.join(folder, name), text, { mode });
  write('control', `${control.join('\n')}\n`);
  write(
    'conffiles',
    files
      .filter((file) => file.startsWith('etc/'))
      .map((file) => `/${file}\n`)
      .join(''),
  );
  const sums = contents.filter(({ file }) => !file.startsWith('etc/'));
  write(
    'md5sums',
    sums.map(({ file, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${file}\n`).join(''),
  );
  for (const name of scripts) write(name, readFileSync(path.join(checkout, 'packaging/debian', name)), 0o755);
}

/**
 * Packages of the libraries that the addons are linked to, in the versions whose symbols they use.
 * @param {readonly string[]} addons
 * @returns {string[]}
 */
function sharedLibraries(addons) {
  // dpkg-shlibdeps wants to stand in an unpacked source package.
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-shlibs-'));
  try {
    mkdirSync(path.join(folder, 'debian'));
    writeFileSync(
      path.join(folder, 'debian/control'),
      'Source: flimd\n\nPackage: flimd\nArchitecture: any\n',
    );
    const found = execFileSync('dpkg-shlibdeps', ['-O', ...addons.map((file) => `-e${file}`)], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return /^shlibs:Depends=(.*)$/m.exec(found)[1].split(', ');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
