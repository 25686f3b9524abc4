import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { InstalledFile } from '../../../scripts/package/installed-files.mjs';

interface Entry {
  name: string;
  /** File type and permissions. */
  mode: number;
  body: Buffer;
}

const DIRECTORY = 0o040755;
const PROGRAM = 0o100755;
const FILE = 0o100644;
const TRAILER = 'TRAILER!!!';

export interface InitramfsParts {
  busybox: string;
  /** Kernel modules in the order in which they go in. */
  modules: readonly string[];
  /** The script that runs first. */
  init: string;
  /** Go to /flimd. */
  installed: readonly InstalledFile[];
}

/** An initial root for a kernel. */
export function initramfs({ busybox, modules, init, installed }: InitramfsParts): Buffer {
  const names = modules.map((file) => path.basename(file));
  const files: Entry[] = [
    { name: 'bin/busybox', mode: PROGRAM, body: readFileSync(busybox) },
    { name: 'init', mode: PROGRAM, body: readFileSync(init) },
    { name: 'modules/order', mode: FILE, body: Buffer.from(`${names.join('\n')}\n`) },
    ...modules.map((file) => fileEntry(`modules/${path.basename(file)}`, file)),
    ...installed.map(({ from, to }) => fileEntry(`flimd/${to}`, from)),
  ];
  const folders = foldersOf([...files.map(({ name }) => name), 'proc/-', 'sys/-', 'dev/-', 'root/-']);
  return archive([...folders.map((name) => ({ name, mode: DIRECTORY, body: Buffer.alloc(0) })), ...files]);
}

const fileEntry = (name: string, from: string): Entry => ({ name, mode: FILE, body: readFileSync(from) });

/** Every folder above these names, outer ones first. */
function foldersOf(names: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const name of names) {
    const parts = name.split('/').slice(0, -1);
    parts.forEach((_, i) => folders.add(parts.slice(0, i + 1).join('/')));
  }
  return [...folders];
}

/** The "newc" cpio archive that Linux unpacks (Documentation/driver-api/early-userspace/buffer-format.rst). */
function archive(entries: readonly Entry[]): Buffer {
  const trailer = { name: TRAILER, mode: 0, body: Buffer.alloc(0) };
  return Buffer.concat([...entries, trailer].flatMap(record));
}

function record({ name, mode, body }: Entry, index: number): Buffer[] {
  const nameBytes = Buffer.from(`${name}\0`);
  const hex = (value: number): string => value.toString(16).padStart(8, '0');
  const links = 1;
  // inode, mode, uid, gid, links, time, size, device ×4, name size, checksum
  const fields = [index + 1, mode, 0, 0, links, 0, body.length, 0, 0, 0, 0, nameBytes.length, 0];
  const head = Buffer.from(`070701${fields.map(hex).join('')}`);
  return [padded(Buffer.concat([head, nameBytes])), padded(body)];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
