import { spawn } from 'node:child_process';
import { closeSync, openSync, rmdirSync, writevSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { DeviceFile } from '../../link/index.js';
import { FlimdError } from '../../protocol/index.js';
import {
  MAX_TRANSFER_BYTES,
  parseRequest,
  type Request,
  REQUEST_HEADER_BYTES,
  WRITE_REQUEST_BYTES,
} from './fuse-protocol.js';

const { errno } = constants;
const DEVICE = '/dev/fuse';
const MOUNT_POLL_MS = 1;
/** The kernel asks for room for the largest write and some more. */
const REQUEST_BYTES = MAX_TRANSFER_BYTES + REQUEST_HEADER_BYTES + WRITE_REQUEST_BYTES + 4096;

/**
 * A mounted FUSE file system: requests come in one after another, answers go out in any order. The process that holds
 * it must not touch the mount synchronously: it would wait for itself.
 */
export class FuseMount {
  private onRequest!: (request: Request) => void;
  /** Reads in a thread of its own: one of libuv's, blocked in the kernel, would keep the process from ending. */
  private readonly reader: DeviceFile;
  private closing = false;

  private constructor(
    private readonly device: number,
    readonly folder: string,
  ) {
    this.reader = new DeviceFile({ descriptor: device, buffers: 1, bufferBytes: REQUEST_BYTES });
  }

  /**
   * Mounts over `folder`, which is made if need be. `answerer` makes what answers the requests, of which the first
   * comes while the folder is being mounted. @throws FlimdError FLIMD_E_LINK_OPEN
   */
  static async create<T extends { serve(request: Request): void }>(
    folder: string,
    answerer: (mount: FuseMount) => T,
  ): Promise<{ mount: FuseMount; answerer: T }> {
    await mkdir(folder, { recursive: true }).catch((error: Error) => {
      throw mountError(folder, error.message);
    });
    const device = openDevice(folder);
    const mount = new FuseMount(device, folder);
    const answering = answerer(mount);
    mount.onRequest = (request) => answering.serve(request);
    try {
      void mount.listen();
      await mountOver(folder, device);
      return { mount, answerer: answering };
    } catch (error) {
      await mount.reader.close();
      closeSync(device);
      throw error;
    }
  }

  /** The parts of one answer. What nobody waits for any more is dropped by the kernel. */
  send(parts: Uint8Array[]): void {
    if (this.closing) return;
    try {
      writevSync(this.device, parts);
    } catch (error) {
      // ENOENT: the request was interrupted. ENODEV: unmounted.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
    }
  }

  /** Unmounts; calls that are still waiting fail with ENOTCONN. */
  async close(): Promise<void> {
    this.closing = true;
    await this.reader.close();
    closeSync(this.device);
    await run('umount', ['-l', this.folder]).catch(() => {});
    try {
      rmdirSync(this.folder);
    } catch {
      // It holds other things: it is not ours.
    }
  }

  private async listen(): Promise<void> {
    await this.reader.open();
    const { buffer } = this.reader.buffers[0]!;
    for (;;) {
      const bytes = await this.reader.read(0, REQUEST_BYTES);
      // EPERM: not mounted yet. ENOENT: the request was taken back before it was read.
      if (bytes > 0) this.onRequest(parseRequest(Buffer.from(buffer, 0, bytes)));
      else if (bytes === -errno.EPERM) await new Promise((resolve) => setTimeout(resolve, MOUNT_POLL_MS));
      else if (bytes !== -errno.ENOENT) return;
    }
  }
}

function openDevice(folder: string): number {
  try {
    return openSync(DEVICE, 'r+');
  } catch (error) {
    throw mountError(folder, `${DEVICE}: ${(error as Error).message}`);
  }
}

/** mount(8) takes the open device as its descriptor 3; mount(2) is not to be had from Node. */
function mountOver(folder: string, device: number): Promise<void> {
  const options = [
    'fd=3',
    'rootmode=40000',
    `user_id=${process.getuid!()}`,
    `group_id=${process.getgid!()}`,
    'allow_other',
    'default_permissions',
    `max_read=${MAX_TRANSFER_BYTES}`,
  ].join(',');
  const args = ['-i', '-t', 'fuse', '-o', options, 'flimd-sim', folder];
  return run('mount', args, device).catch((error: Error) => {
    throw mountError(folder, error.message);
  });
}

function run(program: string, args: string[], device?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', device ?? 'ignore'] });
    let complaint = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(complaint.trim() || `${program} ended with ${code}`));
    });
  });
}

function mountError(folder: string, why: string): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', `the device nodes cannot be mounted at ${folder}: ${why}`, {
    value: folder,
    expected: `${DEVICE}, and the right to mount`,
    action: 'run as root with the fuse module loaded (`modprobe fuse`), or listen on TCP instead',
  });
}
