import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { installedFiles } from '../../../scripts/package/installed-files.mjs';
import { initramfs } from './initramfs.js';

const checkout = path.resolve(import.meta.dirname, '../../..');
const QEMU = '/usr/bin/qemu-system-x86_64';
const BUSYBOX = '/usr/bin/busybox';
/** Emulation works everywhere; /dev/kvm may open and still not run a kernel (nested in a container), so it is asked for. */
const tcg = ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
const kvm = ['-accel', 'kvm', '-cpu', 'host'];
/** What every guest needs to see the host's files and its network. */
const baseModules = ['virtio_pci', 'virtio_net', '9p', '9pnet_virtio'];

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
  /** Script for the guest's node, relative to the checkout. */
  run: string;
  args?: readonly string[];
  /** Kernel modules beyond those for files and network. */
  modules: readonly string[];
  /** Further arguments of QEMU. */
  devices?: readonly string[];
  /** A line that the guest printed. */
  onLine(line: string): void;
  /** The other end of QEMU's file descriptor 3. */
  onWire?(wire: Duplex): void;
}

/** A machine of its own with this machine's files, Debian's kernel and a serial port that talks. */
export class Guest {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly exited: Promise<void>,
  ) {}

  static boot({ run, args = [], modules, devices = [], onLine, onWire }: GuestOptions): Guest {
    const version = kernelVersion()!;
    const folder = mkdtempSync(path.join(tmpdir(), 'flimd-guest-'));
    const image = path.join(folder, 'initramfs');
    const files = moduleFiles(version, [...baseModules, ...modules]);
    const installed = installedFiles(checkout, { more: ['packaging', 'bench', 'test/links/guest'] });
    const init = path.join(import.meta.dirname, 'init.sh');
    writeFileSync(image, initramfs({ busybox: BUSYBOX, modules: files, init, installed }));
    const words = [
      ...['console=ttyS0', 'quiet', 'panic=-1', `flimd.node=${process.execPath}`],
      ...[`flimd.run=${run}`, `flimd.args=${args.join(',')}`],
    ];
    const child = spawn(
      QEMU,
      [
        ...(process.env.FLIMD_GUEST_ACCEL === 'kvm' ? kvm : tcg),
        ...['-smp', '2', '-m', '1024', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
        ...['-kernel', `/boot/vmlinuz-${version}`, '-initrd', image, '-append', words.join(' ')],
        ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
        ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
        ...devices,
      ],
      { stdio: ['ignore', 'pipe', 'pipe', onWire ? 'pipe' : 'ignore'] },
    );
    // A pair of sockets, of which QEMU has inherited one.
    onWire?.(child.stdio[3] as Duplex);
    createInterface(child.stdout!).on('line', onLine);
    createInterface(child.stderr!).on('line', (line) => onLine(`qemu: ${line}`));
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return new Guest(child, folder, exited);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
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
