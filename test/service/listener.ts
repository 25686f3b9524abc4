import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Heard {
  pid: number;
  /** The lines of a datagram, by name. */
  notice: Record<string, string>;
}

/** A service manager that only listens: Python's, since Node.js has no such sockets. */
export class Listener {
  readonly heard: Heard[] = [];
  #woken: () => void = () => {};

  private constructor(private readonly child: ChildProcess) {}

  static async start(socket: string): Promise<Listener> {
    const script = path.join(import.meta.dirname, 'notify_listener.py');
    const child = spawn('python3', [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    const listener = new Listener(child);
    const lines = createInterface(child.stdout!);
    await once(lines, 'line');
    lines.on('line', (line) => listener.#hear(line));
    return listener;
  }

  /** The first datagram, from number `from` on, for which `wanted` holds; the test's time-out bounds the wait. */
  async until(wanted: (heard: Heard) => boolean, from = 0): Promise<Heard> {
    for (;;) {
      const found = this.heard.slice(from).find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#woken = resolve));
    }
  }

  /** Stops reading, without closing: datagrams pile up. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  close(): void {
    this.child.kill('SIGKILL');
  }

  #hear(line: string): void {
    const { pid, text } = JSON.parse(line) as { pid: number; text: string };
    const fields = text.split('\n').map((field) => field.split(/=(.*)/s).slice(0, 2));
    this.heard.push({ pid, notice: Object.fromEntries(fields) });
    this.#woken();
  }
}
