import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');

/** A real daemon in a process of its own. */
export class DaemonProcess {
  readonly url: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  private constructor(child: ChildProcessByStdio<null, Readable, Readable>, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Port 0 takes any free one. Rejects with what the daemon said where it does not start. */
  static async start(camera: string, port = 0, ...flags: string[]): Promise<DaemonProcess> {
    const server = ['--port', String(port), '--json', '--log-level', 'warn'];
    const args = ['serve', '--camera', camera, ...server, ...flags];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`the daemon ended with ${String(code)}: ${said}`);
    });
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string];
    failed.catch(() => {});
    return new DaemonProcess(child, (JSON.parse(line) as { url: string }).url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Asks it to end and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const exit = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill('SIGTERM');
    return (await exit)[0];
  }

  /** Stops it in its tracks, sockets open, like a machine that hangs; `resume` lets it go on. */
  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
