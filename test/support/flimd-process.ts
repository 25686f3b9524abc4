import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { FlimdClient, type LifetimeFrame, type WebSocketConstructor } from '../../src/client/index.js';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const running = new Set<FlimdProcess>();

/** A real `flimd` of its own, from the build. */
export class FlimdProcess {
  private constructor(
    readonly child: ChildProcess,
    /** What it printed with `--json` when it was ready. */
    readonly ready: { url: string; uri: string },
    private readonly log: string[],
  ) {}

  /** Starts `flimd ARGS --json` and waits for its line; fails with its log where it ends first. */
  static async start(args: string[], env: Record<string, string> = {}): Promise<FlimdProcess> {
    const child = spawn(process.execPath, [main, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const log: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
    const exited = once(child, 'exit').then(([code]) => {
      throw new Error(`flimd ${args.join(' ')} ended with ${code}:\n${log.join('')}`);
    });
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [string];
    exited.catch(() => {});
    const started = new FlimdProcess(child, JSON.parse(line), log);
    running.add(started);
    return started;
  }

  get output(): string {
    return this.log.join('');
  }

  /** Asks it to end and gives its exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    running.delete(this);
    if (this.child.exitCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    const [code] = (await once(this.child, 'exit')) as [number | null];
    return code;
  }
}

/** For afterEach: ends whatever a failed test left running. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.stop('SIGKILL')));
}

export function connectClient(url: string): FlimdClient {
  return FlimdClient.connect({ url, webSocket: WebSocket as unknown as WebSocketConstructor });
}

/** The next frame for which `wanted` holds. */
export function nextFrame(
  client: FlimdClient,
  wanted: (frame: LifetimeFrame) => boolean = () => true,
): Promise<LifetimeFrame> {
  return new Promise((resolve) => {
    const off = client.on('frame', (frame) => {
      if (!wanted(frame)) return;
      off();
      resolve(frame);
    });
  });
}
