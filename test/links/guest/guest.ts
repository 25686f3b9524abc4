import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { type InstalledFile, installedFiles } from '../../../scripts/package/installed-files.mjs';
import { initramfs } from './initramfs.js';

const checkout = path.resolve(import.meta.dirname, '../../..');
const QEMU = '/usr/bin/qemu-system-x86_64';
const BUSYBOX = '/usr/bin/busybox';
/** Emulation works everywhere; /dev/kvm may open and still not run a kernel (nested in a container), so it is asked for. */
const tcg = ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
const kvm = ['-accel', 'kvm', '-cpu', 'host'];
const baseModules = ['virtio_pci', 'virtio_net'];

/** What is missing to boot a guest, as one line that says what to install; null if nothing is. */
export function missingForGuest(): string | null {
  const missing = [
    existsSync(QEMU) ? '' : 'qemu-system-x86',
    existsSync(BUSYBOX) ? '' : 'busybox-static',
    existsSync('/lib/systemd/systemd-udevd') ? '' : 'udev',
    existsSync('/sbin/modprobe') ? '' : 'kmod',
    existsSync('/usr/sbin/usbip') ? '' : 'usbip',
    kernelVersion() ? '' : 'linux-image-amd64',
  ].filter((name) => name !== '');
  if (missing.length > 0) return `needs a guest: apt-get install ${missing.join(' ')}`;
  return process.getuid?.() === 0 ? null : 'needs root, to give the guest the files of this machine';
}

/** Whether QEMU is built with a device. */
export const emulates = (device: string): boolean =>
  spawnSync(QEMU, ['-device', `${device},help`], { encoding: 'utf8' }).stdout.startsWith(device);

/** The newest kernel in /boot whose modules are there. */
function kernelVersion(): string | undefined {
  if (!existsSync('/boot') || !existsSync('/lib/modules')) return undefined;
  const versions = readdirSync('/lib/modules').filter((name) => existsSync(`/boot/vmlinuz-${name}`));
  return versions.sort().at(-1);
}

export interface GuestOptions {
  /** The script that runs first, from the initial root. */
  init: string;
  /** Kernel modules beyond those for devices of QEMU. */
  modules: readonly string[];
  /** Files for /flimd of the initial root. */
  installed?: readonly InstalledFile[];
  /** Words for the kernel command line, which the first script may read. */
  words?: readonly string[];
  /** Further arguments of QEMU. */
  devices?: readonly string[];
  /** A line that the guest printed. */
  onLine(line: string): void;
  /** The other end of QEMU's file descriptor 3. */
  onWire?(wire: Duplex): void;
}

/** A machine of its own with Debian's kernel, a network card and a serial port that talks. */
export class Guest {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly exited: Promise<void>,
  ) {}

  static boot(options: GuestOptions): Guest {
    const { init, modules, installed = [], words = [], devices = [], onLine, onWire } = options;
    const version = kernelVersion()!;
    const folder = mkdtempSync(path.join(tmpdir(), 'flimd-guest-'));
    const image = path.join(folder, 'initramfs');
    const files = moduleFiles(version, [...baseModules, ...modules]);
    writeFileSync(image, initramfs({ busybox: BUSYBOX, modules: files, init, installed }));
    const child = spawn(
      QEMU,
      [
        ...(process.env.FLIMD_GUEST_ACCEL === 'kvm' ? kvm : tcg),
        ...['-smp', '2', '-m', '1024', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
        ...['-kernel', `/boot/vmlinuz-${version}`, '-initrd', image],
        ...['-append', ['console=ttyS0', 'quiet', 'panic=-1', ...words].join(' ')],
        ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
        ...devices,
      ],
      { stdio: ['ignore', 'pipe', 'pipe', onWire ? 'pipe' : 'ignore'] },
    );
    // A pair of sockets, of which QEMU has inherited one.
    onWire?.(child.stdio[3] as Duplex);
    createInterface(child.stdout!).on('line', onLine);
    createInterface(child.stderr!).on('line', (line) => onLine(`qemu: ${line}`));
    endWithThisProcess(child);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return new Guest(child, folder, exited);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A test that ran out of time stops nothing. */
export function endWithThisProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

/** Module files in the order in which they must be inserted. */
function moduleFiles(version: string, names: readonly string[]): string[] {
  const files = names.flatMap((name) => {
    const lines = execFileSync('/sbin/modprobe', ['-S', version, '--show-depends', name], {
      encoding: 'utf8',
    });
    return [...lines.matchAll(/^insmod (\S+)/gm)].map((match) => match[1]!);
  });
  return [...new Set(files)];
}

export interface HostFilesOptions extends Omit<GuestOptions, 'init' | 'installed' | 'words'> {
  /** Script for the guest's node, relative to the checkout. */
  run: string;
  args?: readonly string[];
}

/** A guest that sees the files of this machine, read-only, and runs the flimd of this checkout with its node. */
export function bootWithHostFiles({
  run,
  args = [],
  modules,
  devices = [],
  ...rest
}: HostFilesOptions): Guest {
  return Guest.boot({
    init: path.join(import.meta.dirname, 'init.sh'),
    installed: installedFiles(checkout, { more: ['packaging', 'test/links/guest'] }),
    words: [`flimd.node=${process.execPath}`, `flimd.run=${run}`, `flimd.args=${args.join(',')}`],
    modules: ['9p', '9pnet_virtio', ...modules],
    devices: [
      ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
      ...devices,
    ],
    ...rest,
  });
}
