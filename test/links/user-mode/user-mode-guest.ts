import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findTool } from '../../support/tools.js';
import { endWithThisProcess } from '../guest/guest.js';
import type { RunningGuest } from '../guest/guest-report.js';

const checkout = path.resolve(import.meta.dirname, '../../..');
const kernel = path.join(checkout, 'build/user-mode-linux/linux');

/** Where the virtual camera of a guest listens, as the guest and its camera see it. */
export const CAMERA_HOST = '192.0.2.1';

/** What is missing to run a kernel in user mode, as one line that says what to do; null if nothing is. */
export function missingForUserMode(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'needs root on Linux, to have a network of its own';
  }
  const packages = { busybox: 'busybox-static', ip: 'iproute2', udevadm: 'udev', usbip: 'usbip' };
  const missing = Object.entries(packages).filter(([tool]) => !findTool(tool));
  if (missing.length > 0) {
    return `needs a kernel in user mode: apt-get install ${missing.map(([, name]) => name).join(' ')}`;
  }
  return existsSync(kernel) ? null : 'needs a kernel in user mode: test/links/user-mode/build-kernel.sh';
}

export interface UserModeOptions {
  /** Arguments of `flimd sim`. */
  camera: readonly string[];
  /** Script for the guest's node, relative to the checkout. */
  run: string;
  args: readonly string[];
  /** A line that the guest printed. */
  onLine(line: string): void;
}

/**
 * Debian's kernel as a program (user-mode Linux), with one processor and this machine's files, read-only. Programs in
 * it run at the speed of this machine, but for their system calls (about 10 µs). Its camera is a process beside it.
 */
export class UserModeGuest implements RunningGuest {
  readonly exited: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static boot({ camera, run, args, onLine }: UserModeOptions): UserModeGuest {
    // Whatever is left in these namespaces ends with their first process.
    const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const script = path.join(import.meta.dirname, 'run.sh');
    const order = [kernel, process.execPath, ...camera, '--', path.join(checkout, run), ...args];
    const child = spawn('unshare', [...namespaces, script, ...order], { stdio: ['ignore', 'pipe', 'pipe'] });
    endWithThisProcess(child);
    for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', onLine);
    return new UserModeGuest(child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}
