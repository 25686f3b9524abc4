import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './commands.js';

const SUITE = 'trixie';
/** What a machine has before flimd comes, and usbip for the camera of the test. */
const INCLUDED = ['systemd', 'systemd-sysv', 'udev', 'kmod', 'usbip'];
const cache = path.resolve(import.meta.dirname, '../../build/guest');
const base = path.join(cache, SUITE);
const archives = path.join(cache, `${SUITE}-archives`);

/** Debian 13 as debootstrap makes it, made once and kept in build/. */
async function debianRoot(): Promise<string> {
  if (existsSync(base)) return base;
  const unfinished = `${base}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const options = ['--variant=minbase', `--include=${INCLUDED.join(',')}`];
  await run('debootstrap', [...options, SUITE, unfinished, ...(await mirror())]);
  renameSync(unfinished, base);
  return base;
}

/** A copy of it in which apt has installed a package with all that this depends on. */
export async function rootWithPackage(folder: string, deb: string): Promise<string> {
  const root = path.join(folder, 'root');
  await run('cp', ['-a', await debianRoot(), root]);
  cpSync(deb, path.join(root, 'root/flimd.deb'));
  mkdirSync(archives, { recursive: true });
  const apt = 'apt-get -qq update && apt-get -y --no-install-recommends install /root/flimd.deb';
  const script = [
    'mount --bind "$2" "$1/var/cache/apt/archives"',
    'mount -t proc proc "$1/proc"',
    `DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$1" sh -c '${apt}'`,
  ].join(' && ');
  // A mount namespace of its own: nothing stays mounted, whatever happens.
  await run('unshare', ['--mount', 'sh', '-c', script, 'sh', root, archives]);
  return root;
}

/** A disk with the files of `root`. */
export async function diskImage(root: string, image: string): Promise<string> {
  await run('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', root, image, '3G']);
  return image;
}

/** Where this machine gets Debian's packages from; nothing where apt has not looked yet, and debootstrap knows one. */
async function mirror(): Promise<string[]> {
  const format = ['--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian'];
  const found = await run('apt-get', ['indextargets', ...format]);
  return found
    .split('\n')
    .slice(0, 1)
    .filter((line) => line !== '');
}
