import type { Logger } from 'pino';
import { errorBody } from '../protocol/errors.js';
import { datagramSender } from './native.js';
import { type Notice, NotifySocket } from './notify-socket.js';
import { Watchdog } from './watchdog.js';

export interface ServiceParts {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are taken out of it: programs that the daemon runs have no say. */
  env: NodeJS.ProcessEnv;
  /** Resolves when the parts of the daemon that do its work have answered. */
  checkHealth(): Promise<void>;
  /** The state of the daemon, one line. */
  status(): string;
  log: Logger;
}

const STATUS_INTERVAL_MS = 2000;
/** A notice that must arrive is sent again until the service manager has read those before it. */
const RETRY_MS = 100;

/** What the daemon tells the service manager that started it (sd_notify(3)): ready, alive, how it is, stopping. */
export class ServiceNotifier {
  #watchdog: Watchdog | null = null;
  #statusTimer: NodeJS.Timeout | null = null;
  #status = '';
  /** The last question of the watchdog is without an answer. */
  #unanswered = false;
  #closed = false;

  private constructor(
    private readonly socket: NotifySocket,
    private readonly watchdogMs: number | null,
    private readonly parts: ServiceParts,
  ) {}

  /** null where no service manager listens, or it cannot be told anything: then a warning says why. */
  static from(parts: ServiceParts): ServiceNotifier | null {
    const { env, log } = parts;
    const { NOTIFY_SOCKET: name, WATCHDOG_USEC, WATCHDOG_PID } = env;
    for (const taken of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[taken];
    if (!name) return null;
    try {
      const failed = (problem: string) =>
        log.warn({ problem }, 'the service manager cannot be told anything');
      const socket = new NotifySocket(name, datagramSender(), failed);
      return new ServiceNotifier(socket, watchdogMs(WATCHDOG_USEC, WATCHDOG_PID), parts);
    } catch (error) {
      log.warn({ error: errorBody(error) }, 'the service manager cannot be told anything');
      return null;
    }
  }

  /** The daemon serves, and the camera has been tried. From here on the watchdog runs. */
  ready(): void {
    this.#status = this.parts.status();
    this.#insist({ READY: '1', STATUS: this.#status });
    this.#statusTimer = setInterval(() => this.#tellStatus(), STATUS_INTERVAL_MS).unref();
    if (this.watchdogMs === null) return;
    this.#watchdog = new Watchdog({
      // Half of what the service manager waits, as sd_watchdog_enabled(3) advises.
      intervalMs: this.watchdogMs / 2,
      checkHealth: this.parts.checkHealth,
      beat: () => {
        this.#unanswered = false;
        this.#insist({ WATCHDOG: '1' });
      },
      silent: (cause) => this.#fellSilent(cause),
    });
  }

  /** The end of the daemon has begun; it beats until `close`. */
  stopping(): void {
    if (this.#statusTimer) clearInterval(this.#statusTimer);
    this.#insist({ STOPPING: '1', STATUS: 'stopping' });
  }

  close(): void {
    this.#closed = true;
    this.#watchdog?.stop();
    if (this.#statusTimer) clearInterval(this.#statusTimer);
  }

  #insist(notice: Notice): void {
    if (this.socket.send(notice) || this.#closed) return;
    setTimeout(() => this.#insist(notice), RETRY_MS).unref();
  }

  /** At most once an interval, and only what is new. */
  #tellStatus(): void {
    const status = this.#unanswered ? 'the acquisition does not answer' : this.parts.status();
    if (status === this.#status) return;
    if (this.socket.send({ STATUS: status })) this.#status = status;
  }

  #fellSilent(cause: unknown): void {
    const error = cause instanceof Error ? errorBody(cause) : cause;
    this.parts.log.error(
      { error },
      'the acquisition does not answer; the service manager will restart flimd',
    );
    this.#unanswered = true;
    this.#tellStatus();
  }
}

/** How long the service manager waits for a beat; null where it does not. */
function watchdogMs(usec: string | undefined, pid: string | undefined): number | null {
  if (pid !== undefined && Number(pid) !== process.pid) return null;
  const ms = Number(usec) / 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
